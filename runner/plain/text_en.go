package plain

import (
	"github.com/kubelab/kubelab/labs/search"
	"github.com/kubelab/kubelab/runner/engine"
)

func english() texts {
	return texts{
		courseF: "%s: of %d labs, %d are done.", labLineF: "%d. %s (%s), %s, %s", finished: "done", progressF: "step %d/%d", minutesF: "%d min",
		firstWords:   "To open a lab, type open and its number or name. Type help for all commands, quit to leave.",
		promptCourse: "kubelab>",

		searchWhat: "Search for what? Type search and words. Labs, steps, text, commands and the glossary are searched; of Korean syllables, the first sounds are enough.",
		notFoundF:  "“%s” was not found in the course. Try fewer letters or another word.", foundF: "“%s”: %d found. Type what is in brackets to look there.",
		moreHitsF: "%d more. Another word makes them fewer.", hitF: "%s (%s), %s: %s", inLabF: "lab %d “%s”", inStepF: "lab %d “%s” step %d",
		kinds: []string{
			search.Term: "Word", search.Lab: "Lab", search.Step: "Step", search.Command: "Command", search.Prose: "Text", search.Meaning: "Meaning of a word",
		},
		noGlossary: "This course has no glossary.", wordsHere: "Words of this step:", noWordsHere: "This step has no words that the glossary explains.",
		wordsHow: "Type word and a word for its meaning, words all for all words.", wordHow: "Type word and a word for its meaning.", allWordsF: "All words (%d):",
		noWordF: "“%s” is not in the glossary. Type words all for all words.", nearHits: "Found in the course:", moreNearF: "%d more: search %s",
		alsoF: "Also: %s", taughtF: "Taught in (%s): %s", seeAlsoF: "See also: %s",

		envF: "Environment: %s.", envSimulated: "simulated", envRunningF: "Environment: %s, going on. %s", envDoneF: "Environment: %s, done.", envFailedF: "Environment: %s, failed: %s",
		envGainedF: "Environment ready: %s", envBrokenF: "There is a problem with the environment: %s", envReady: "Environment: everything is ready.", envWorkingF: "Going on: %s", envLater: "It is still being looked at.",
		findingF: "Saw: %s", wantF: "Needed: %s", tryF: "Try: %s",
		capabilities: map[string]string{
			string(engine.Docker): "Docker", string(engine.NodeJS): "Node.js image", string(engine.Registry): "registry", string(engine.Cluster): "cluster",
			string(engine.LoadBalancer): "load balancer", string(engine.TwoNodes): "two nodes",
		},

		openingF: "Opening the lab “%s”.", openFailedF: "The lab could not be opened: %s", labF: "Lab %d: %s. %d steps, %d min.", stepF: "Step %d/%d: %s",
		introEnd: "End of the text.", checksHead: "What is checked:", promptLabF: "lab %d step %d/%d>", waitingF: "Not ready yet: %s. Checking begins as soon as it is.",
		activityF: "Going on: %s", activityPartF: "Going on: %s (%d/%d)",
		passedF: "Checked: %s", stillF: "Still open: %s", changedF: "Changed since: %s", observedF: "Saw: %s", expectedF: "Want: %s",
		commandF: "Command %d (run %d):", oneCommand: "Command (run):", hintF: "Hint %d/%d:", solutionHead: "Solution (solve):", problemF: "Problem: %s", noticeF: "Notice: %s",
		questionF: "Question %d/%d: %s", answeredF: "Right: %s", wrongF: "Wrong: %s", howToAnswer: "Type answer and your answer.",
		stepDone: "This step is done. Next step: next", lastStepDone: "The last step is done. Other steps are still open: prev", labDone: "You have finished the lab. Course: back",
		skipped: "kubelab did this step by its solution.", waitedF: "After %d seconds this step is not done.",

		exitF: "exit code %d", shortened: "(earlier output is left out)", goesOn: "Still running. Type ! and text to send it input, stop to stop it.",
		shellBegin: "This is the shell. Type exit to come back.", shellEnd: "Back from the shell.", shellFailedF: "The shell cannot be used: %s",

		confirmSolution: "Show the solution?", confirmSolve: "Type this step's solution into the shell for you?",
		confirmReset:   "Remove what you made in this lab and start it over?",
		confirmSkipF:   "Skip to step %d? The solutions of the earlier steps that are not done (%d) are typed for you.",
		confirmRewindF: "Go back to the beginning of step %d? What you made and all ticks and answers from this step on are lost, and earlier steps (%d) are replayed by their solutions.",
		yesNo:          "yes or no>", notDone: "Not done.", answerPromptF: "Answer %d/%d (an empty line goes to the next question)>",
		unknownF: "%s: not a command. Type help for all commands. Put ! before a command for the shell.", noLabOpen: "No lab is open. Type open and a number.",
		loading: "The lab is still being prepared.", lastStep: "This is the last step.", firstStep: "This is the first step.", noStepF: "%s: there is no such step. There are 1 to %d.",
		noCommand: "This step has no command to run.", noCommandF: "%s: there is no such command. There are 1 to %d.",
		noHints: "This step has no hints.", allHints: "You have seen all hints.", noSolution: "This step has no solution.",
		noQuestions: "This step has no questions.", allAnswered: "All questions are answered.", alreadyDone: "This step is done already.",
		busyF: "%s: wait for its end or stop it with stop.", idle: "There is nothing to stop.", notReadyF: "Not ready yet: %s.",
		noTerminal: "There is no terminal to give to a shell. Put ! before a command instead.",
		noLabF:     "%s: there is no such lab. Type map to see all labs.", openWhat: "Which lab? Type open and a number or a name.",
		nothingToRetry: "Nothing in the environment needs another try.", shellNotReady: "The shell is still being prepared.", nothingToRun: "Write a command for the shell after !.",
		secondsWrongF: "%s: write the seconds as a number from 1 to 3600.",
		helpCourse:    "Always:", helpLab: "In a lab:", helpEnd: "A line that begins with ! is run in the shell; while something runs there, it is its input. At the end of the input, kubelab keeps your progress and ends.",
		help: map[string]string{
			"help": "this help", "map": "labs and progress", "open": "open a lab by its number or name, at a step as in 3/2",
			"search": "search the course for words", "word": "meaning of a word; without one, the words of this step; all for all words",
			"env": "state of the environment", "retry": "try the environment again", "quit": "leave",
			"show": "read this step again", "next": "next step", "prev": "previous step", "step": "go to a step by its number or name", "checks": "read the checks again",
			"run": "run the step's next command in the shell, or the one of a number", "hint": "next hint", "solution": "show the solution", "solve": "have the solution typed",
			"answer": "answer a question", "reset": "start the lab over", "travel": "bring the environment to the beginning of this step", "stop": "stop what is going on",
			"wait": "wait until the step is done, with seconds (60 if none)", "shell": "give the terminal to the shell", "back": "to the course",
		},
	}
}
