package tui

import (
	"github.com/kubelab/kubelab/runner/engine"
	"github.com/kubelab/kubelab/runner/picture"
)

// english is the English catalogue.
func english() texts {
	return texts{
		keys:   englishKeys(),
		course: "Labs", environment: "Environment", explanation: "Text", check: "Checks",
		helpTitle: "Help", copied: "copied",

		stepF: "%d/%d", elapsedDaysF: "day %d", simulated: "simulated", preparing: "preparing",
		capabilities: map[string]string{
			string(engine.Docker): "Docker", string(engine.NodeJS): "Node.js image", string(engine.Registry): "registry", string(engine.Cluster): "cluster",
			string(engine.LoadBalancer): "load balancer", string(engine.TwoNodes): "two nodes",
			string(engine.Compose): "docker compose", string(engine.Storage): "storage", string(engine.ControlPlane): "control plane",
		},

		finished: "done", minutesF: "%d min", noLabs: "There are no labs in this course.", tryWord: "Try:",
		usualF: "%s / usually %s", secondsF: "%d s", clockF: "%d min %02d s",
		environmentReady: "Everything is ready.", environmentStarting: "Looking at the environment.",
		workDoneF: "tasks done: %d", openingF: "Opening the lab “%s”.",
		takesOverF: "Takes over: %s. Made for you where it is missing.", thingOfF: "lab %d's %s",

		loading: "Preparing the lab.", runHere: "run in the shell", copyHere: "copy",
		hintF: "Hint %d/%d", solution: "Solution", questionF: "Question %d/%d", answerGiven: "Answer:", notAnswered: "Press a to answer.",
		observedF: "saw %s", expectedF: "want %s", since: "It has changed since.", moreF: "%d more",
		waitingF: "Not ready yet: %s. Checking begins as soon as it is.",
		stepDone: "This step is done. Next step: n", labDone: "You have finished the lab. Course: esc",
		lastStepDone: "The last step is done. Other steps are still open: p",
		activityF:    "%s (%d/%d)", scrollF: "lines left: %d", skipped: "kubelab did this step by its solution.",
		skipF:    "Earlier steps not done, whose solutions are typed into the shell for you: %d. What you have made stays.",
		rewindF:  "Lost: what you made in this lab, the files in its folder, and from step %d on all ticks and answers (%d). Hints and mistakes still count.",
		replayF:  "Earlier steps replayed by their solutions: %d.",
		leavingF: "Putting things right: %s", leavingKeys: "ctrl+c quit at once",
		leaveFailedF: "Things could not be put right. It is tried again at the next start: %s",

		shellTitle: "Shell", stepDoneInShell: "This step is done. ctrl+] and then n takes you to the next one.",
		shellFull:    "The program in the shell does not read its input. Press ctrl+c to stop it.",
		shellEnded:   "The shell has ended. s opens another one.",
		shellWaiting: "Opening the shell.", stepOpenF: "%d/%d checked",

		pictureF: "Picture: %s %d/%d", pictureHintF: "See the state drawn: %s", picture: picture.English(),

		findPrompt: "Find ", findHelp: "enter look at it · esc close", foundF: "%d/%d", foundMoreF: "%d/%d+", foundNone: "none",
		readingHint: "earlier output",

		answerPrompt: "Answer ", answerHelp: "enter answer · ↑↓ other question · esc close",

		copiedIntro: "Sent to the terminal's clipboard. If it cannot be pasted, select the command below with the mouse.",
		anyKey:      "Any key takes you back.",

		confirmKeys:     "y yes · any other key no",
		confirmSolution: "Show the solution?",
		confirmSolve:    "Type this step's solution into the shell for you?",
		confirmReset:    "Remove what you made in this lab and start it over?",
		confirmQuit:     "Quit kubelab? Your progress is kept.",
		confirmQuitF:    "Quit all the same? Still running: %s",
		confirmOpenF:    "Leave this lab all the same? Still running: %s",
		confirmSkipF:    "Skip to step %d?",
		confirmRewindF:  "Go back to the beginning of step %d?",
		openFailedF:     "The lab could not be opened: %s",

		over: englishOverlays(),
		refusals: refusalTexts{
			loading: "The lab is still being prepared.", lastStep: "This is the last step.", firstStep: "This is the first step.",
			noCommand: "This step has no command to run.", oneCommand: "This step has no other command to choose.",
			noHints: "This step has no hints.", allHints: "You have seen all hints.",
			noSolution: "This step has no solution.", solutionShown: "The solution is already shown.",
			noQuestions: "This step has no questions.", allAnswered: "All questions are answered.",
			alreadyDone: "This step is done already.", busyF: "%s: wait for its end or stop it with x.",
			idle: "There is nothing to stop.", notReadyF: "Not ready yet: %s.",
			shellNotReady: "The shell is still being prepared.", noLabs: "There is no lab to open.",
			nothingToRetry: "Nothing in the environment needs another try.", notScrolled: "Only earlier output can be searched: scroll back first.", notFound: "Nothing was found. Try another text with /.",
			reading:   "These keys move through earlier output. Press esc to type into the shell.",
			notBeside: "The width changes only while text and shell stand beside one another.",
		},
	}
}

func englishKeys() keyTexts {
	return keyTexts{
		help: "help", quit: "quit", up: "up", down: "down", pageUp: "page up", pageDown: "page down",
		top: "to the top", bottom: "to the bottom", open: "open", retry: "try the environment again",
		next: "next", prev: "previous", run: "run in the shell", copyCommand: "copy command",
		commandLeft: "previous command", commandRight: "next command",
		hint: "hint", solution: "solution", answer: "answer", solve: "do it for me", stop: "stop", reset: "start over",
		courseMap: "map", search: "search", words: "words", questions: "all questions", summary: "look back", work: "work", tour: "tour", groupLook: "Looking around",
		skip: "skip to here", rewind: "go back to here",
		find: "find in the shell's output", findBack: "find", findAgain: "find again", findOlder: "previous (up)", findNewer: "next (down)",
		mark: "select lines", copyLines: "copy", readEnd: "to the shell", groupRead: "Earlier output",
		picture: "picture", pictureHere: "picture or text", textAgain: "text again", pictureBefore: "picture before", pictureAfter: "next picture",
		zoom: "large", unzoom: "normal size", zoomShell: "large shell", zoomHere: "large or normal", narrower: "narrower text", wider: "wider text", groupPanes: "Panes",
		shell: "shell", back: "course", leaveShell: "leave the shell", shellUp: "earlier output", shellDown: "later output", submit: "answer", cancel: "close", yes: "yes",
		groupMove: "Moving", groupStep: "Step", groupHelp: "Help", groupShell: "Shell and commands", groupUs: "More",
	}
}
