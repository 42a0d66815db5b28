package tui

import (
	"github.com/kubelab/kubelab/internal/lang"
	"github.com/kubelab/kubelab/runner/picture"
)

// catalogue returns the words of a language.
func catalogue(l lang.Lang) texts {
	if l == lang.English {
		return english()
	}
	return korean()
}

// texts is every word of the screen that does not come from a lab or an engine. Fields ending in F are formats.
type texts struct {
	keys keyTexts

	course, environment, explanation, check, helpTitle, copied string

	// header
	stepF, elapsedDaysF, simulated, preparing string
	capabilities                              map[string]string

	// course list
	finished, minutesF, noLabs, tryWord, usualF, secondsF, clockF string
	environmentReady, environmentStarting, workDoneF, openingF    string
	takesOverF, thingOfF                                          string

	// lab
	loading, runHere, copyHere, hintF, solution, questionF, answerGiven, notAnswered string
	observedF, expectedF, since, moreF, waitingF, stepDone, labDone, lastStepDone    string
	activityF, scrollF, skipped                                                      string
	skipF, rewindF, replayF, leavingF, leavingKeys, leaveFailedF                     string

	// shell
	shellTitle, shellFull, stepDoneInShell, shellEnded, shellWaiting, stepOpenF string

	// pictures
	pictureF, pictureHintF string
	picture                picture.Words

	// looking back in the shell
	findPrompt, findHelp, foundF, foundMoreF, foundNone, readingHint string

	// answer field
	answerPrompt, answerHelp string

	// copied command
	copiedIntro, anyKey string

	// confirmations
	confirmKeys, confirmSolution, confirmSolve, confirmReset, confirmQuit, confirmQuitF, confirmOpenF, openFailedF string
	confirmSkipF, confirmRewindF                                                                                   string

	refusals refusalTexts
	over     overlayTexts
}

// keyTexts says what each key does.
type keyTexts struct {
	help, quit, up, down, pageUp, pageDown, top, bottom, open, retry          string
	next, prev, run, copyCommand, commandLeft, commandRight                   string
	hint, solution, answer, solve, stop, reset, shell, back, leaveShell       string
	skip, rewind                                                              string
	courseMap, search, words, questions, summary, work, tour, groupLook       string
	shellUp, shellDown                                                        string
	find, findBack, findAgain, findOlder, findNewer, mark, copyLines, readEnd string
	groupRead                                                                 string
	zoom, unzoom, zoomShell, zoomHere, narrower, wider, groupPanes            string
	picture, pictureHere, textAgain, pictureBefore, pictureAfter              string
	submit, cancel, yes, groupMove, groupStep, groupHelp, groupShell, groupUs string
}

// refusalTexts says why a key does nothing at present.
type refusalTexts struct {
	loading, lastStep, firstStep, noCommand, oneCommand, noHints, allHints, noSolution, solutionShown    string
	noQuestions, allAnswered, alreadyDone, busyF, idle, notReadyF, shellNotReady, noLabs, nothingToRetry string
	notBeside, notScrolled, notFound, reading                                                            string
}
