package session

// english is the English catalogue.
func english() texts {
	return texts{
		activityPrepare: "preparing the lab",
		activitySolve:   "doing it for you",
		activityRun:     "running a command",
		activityReset:   "starting over",
		activityForward: "skipping ahead",
		activityRebuild: "going back",

		supplyF:        "What lab %s makes is missing and is made for you: %s",
		suppliedF:      "What earlier labs make was missing and was made for you: %s. It goes when this lab is reset or cleaned up.",
		rebuilt:        "This lab puts everything right whenever you leave it. The solutions of the steps you have done were run again to bring you to the beginning of this one.",
		arrivedF:       "This is the beginning of %s. The steps before it were run by their solutions.",
		stoppedF:       "Stopped inside %s. End what still runs in the shell with Ctrl-C, then go on or press `t` to be moved again.",
		notThereF:      "Came no further than %s: %v\nFinish this step yourself, press `t` to be moved again, or `r` to start over.",
		unsettledF:     "The solution was run, and after %v the checks do not hold. %s",
		leaveFailedF:   "What the last lab moved could not be put back: %v",
		clearedF:       "Stopped on the way back: %v\nThe environment fits no step. Press `r` to start over. When you leave and open the lab again, going back is resumed.",
		prepareFailedF: "The lab could not be prepared: %v\nPress `r` to start over.",
		logFailedF:     "The progress could not be written: %v\nLook at the free space and the permissions of the disk. You can go on with the lab.",
		runFailedF:     "Could not run it in the shell: %v\nEnd the shell with `exit`; a new one opens. Then try again.",
		resetFailedF:   "Something could not be cleaned up: %v\nPress `r` to try again.",
		shellBusy:      "Another command runs in the shell. End it with Ctrl-C in the shell (`s`) and try again.",
		busy:           "Something else is going on. Try again when it has ended.",
		notReady:       "The lab is not prepared yet. Try again in a moment.",
		interrupted:    "stopped",
		placeF:         "“%d. %s”",
	}
}
