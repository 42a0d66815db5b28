package tui

// overlayTexts are the words of the screens that lie over the course and the labs.
type overlayTexts struct {
	helpFoot, pagerKeys string

	// search
	search, searchPrompt, searchKeys, searchIntro, reading, notFoundF, hitsF string
	// foundIn names what was found, by foundIn.
	foundIn []string

	// glossary
	glossary, glossaryKeys, termKeys, termsHere, allTerms, seeAlso, toStepF, noGlossary string

	// map
	courseMap, mapKeys, needs, spentF, givesF, givenToF              string
	hintsUsedF, solutionUsed, stepSkipped, mistakesF                 string
	questions, question, questionKeys, stepNumberF, noQuestionsInLab string
	notAnsweredYet                                                   string

	// summary
	summaryF, summaryKeys, labFinished, labOpenF, tookF, learned, perStep, hard, nothingHard, nextLab string
	lastLab, notBegun                                                                                 string

	// background work
	workSteps, findings, said, saidNothing, noWork, workKeys, workTry string

	// tour
	tourTitle, tourKeys, tourFooter string
	tour                            []tourPanel
	// tourParts say what belongs into each part, by tourPart.
	tourParts []string
}

func koreanOverlays() overlayTexts {
	return overlayTexts{
		helpFoot: "↑↓ 움직이기 · T 둘러보기 · 다른 키를 누르면 돌아갑니다", pagerKeys: "↑↓ 움직이기 · 다른 키를 누르면 돌아갑니다",

		search: "찾은 곳", searchPrompt: "찾기 ", searchKeys: "enter 그곳 보기 · ↑↓ 고르기 · esc 닫기",
		searchIntro: "실습, 단계, 설명, 명령, 낱말에서 찾습니다. 첫소리만 입력해도 됩니다: ㅍㄷ → 파드",
		reading:     "과정을 읽는 중입니다.", notFoundF: "‘%s’: 찾지 못했습니다. 더 짧게 입력해 보세요.", hitsF: "%d곳",
		foundIn: []string{"낱말", "실습", "단계", "명령", "설명", "낱말 풀이"},

		glossary: "낱말", glossaryKeys: "enter 풀이 · / 찾기 · esc 닫기", termKeys: "enter 그곳 보기 · esc 닫기",
		termsHere: "이 단계의 낱말", allTerms: "모든 낱말", seeAlso: "더 보기", toStepF: "배우는 곳: %s",
		noGlossary: "이 과정에는 낱말 풀이가 없습니다.",

		courseMap: "과정 지도", mapKeys: "enter 열기 · → 단계 펴기 · ← 접기 · / 찾기 · esc 닫기",
		needs: "필요한 것:", spentF: "%s 동안 했습니다", givesF: "다음에 쓰일 것: %s", givenToF: "%s (%s번)",
		hintsUsedF: "힌트 %d개", solutionUsed: "해답 봄", stepSkipped: "대신 해 줌", mistakesF: "막힘 %d번",
		questions: "질문", question: "질문", questionKeys: "enter 그 단계 보기 · ↑↓ 고르기 · esc 닫기", stepNumberF: "%d단계",
		noQuestionsInLab: "이 실습에는 질문이 없습니다.", notAnsweredYet: "아직 답하지 않았습니다.",

		summaryF: "돌아보기: %s", summaryKeys: "n 다음 실습 · ↑↓ 움직이기 · esc 닫기",
		labFinished: "실습을 마쳤습니다.", labOpenF: "아직 하는 중입니다: %d/%d단계", tookF: "걸린 시간 %s (보통 %d분)",
		learned: "배운 것", perStep: "단계", hard: "막혔던 곳", nothingHard: "  막힌 곳이 없었습니다.", nextLab: "다음 실습",
		lastLab: "마지막 실습입니다.", notBegun: "이 실습은 아직 시작하지 않았습니다.",

		workSteps: "준비 작업", findings: "컴퓨터 점검", said: "작업의 말", saidNothing: "아직 알린 것이 없습니다.",
		noWork: "하고 있는 작업이 없습니다.", workKeys: "enter 모두 보기 · u 다시 준비 · esc 닫기",
		workTry: "u를 눌러 다시 준비하세요. 그래도 안 되면 kubelab doctor를 실행하세요.",

		tourTitle: "1분 둘러보기", tourKeys: "enter 다음 · ← 이전 · esc 건너뛰기",
		tourFooter: "n 다음  p 이전  enter 셸에서 실행  s 셸  h 힌트  ? 도움말",
		tour: []tourPanel{
			{"무엇을 하나", "여기에 할 일과 까닭이 나옵니다. ▸ 뒤의 명령은 enter로 셸에서 실행하고, 다음 단계로는 n, 이전 단계로는 p로 갑니다."},
			{"어디서 하나", "s를 누르면 진짜 셸에 입력할 수 있습니다. 명령을 직접 입력하면 더 오래 기억에 남습니다. 틀려도 괜찮습니다."},
			{"되었나", "하는 대로 여기에 ✓가 붙습니다. 누를 것은 없습니다. 안 되면 본 것과 바라는 것, 다음에 해 볼 것이 나옵니다."},
			{"막히면", "h는 힌트를 하나씩 보여 줍니다. o는 해답을 보여 주고, d는 대신 해 줍니다. 아래의 키는 언제나 지금 할 수 있는 것입니다."},
			{"셸에서 나오기", "셸에서는 모든 키가 셸로 갑니다. 나오려면 ctrl+]나 F2를 누르세요. ctrl+c도 셸의 것이라 kubelab은 끝나지 않습니다."},
			{"길을 잃으면", "?는 모든 키를, m은 지도를, w는 낱말을, v는 지금의 상태를 그림으로 보여 줍니다. /로 과정 전체에서 찾습니다. 이 둘러보기는 ?를 누르고 T로 다시 봅니다."},
		},
		tourParts: []string{"할 일이 나오는 곳", "명령을 입력하는 곳", "되었는지 보는 곳"},
	}
}

func englishOverlays() overlayTexts {
	return overlayTexts{
		helpFoot: "↑↓ move · T tour · any other key goes back", pagerKeys: "↑↓ move · any other key goes back",

		search: "Found", searchPrompt: "Search ", searchKeys: "enter look there · ↑↓ choose · esc close",
		searchIntro: "Searches labs, steps, text, commands and words. Of Korean syllables, the first sounds are enough.",
		reading:     "Reading the course.", notFoundF: "“%s” was not found. Try fewer letters.", hitsF: "%d",
		foundIn: []string{"word", "lab", "step", "command", "text", "meaning"},

		glossary: "Words", glossaryKeys: "enter meaning · / search · esc close", termKeys: "enter look there · esc close",
		termsHere: "Words of this step", allTerms: "All words", seeAlso: "See also", toStepF: "Taught in: %s",
		noGlossary: "This course has no glossary.",

		courseMap: "Course map", mapKeys: "enter open · → show steps · ← hide · / search · esc close",
		needs: "Needs:", spentF: "%s at work", givesF: "Used later: %s", givenToF: "%s (by %s)",
		hintsUsedF: "hints: %d", solutionUsed: "solution seen", stepSkipped: "done for you", mistakesF: "mistakes: %d",
		questions: "Questions", question: "Question", questionKeys: "enter see the step · ↑↓ choose · esc close", stepNumberF: "step %d",
		noQuestionsInLab: "There are no questions in this lab.", notAnsweredYet: "Not answered yet.",

		summaryF: "Looking back: %s", summaryKeys: "n next lab · ↑↓ move · esc close",
		labFinished: "You have finished the lab.", labOpenF: "Still at it: %d/%d steps", tookF: "took %s (usually %d min)",
		learned: "What you have learned", perStep: "Steps", hard: "Where it was hard", nothingHard: "  Nothing held you up.", nextLab: "Next lab",
		lastLab: "This is the last lab.", notBegun: "You have not begun this lab.",

		workSteps: "Preparing", findings: "Your machine", said: "What it says", saidNothing: "It has said nothing yet.",
		noWork: "Nothing is being done.", workKeys: "enter all of it · u try again · esc close",
		workTry: "Press u to try again. If that does not help, run kubelab doctor.",

		tourTitle: "A tour of one minute", tourKeys: "enter next · ← back · esc skip",
		tourFooter: "n next  p previous  enter run  s shell  h hint  ? help",
		tour: []tourPanel{
			{"What to do", "Here is what to do, and why. enter runs the command behind ▸ in the shell; n goes to the next step and p to the one before."},
			{"Where to do it", "s lets you type into a real shell. What you type yourself you remember longer. Mistakes do no harm."},
			{"Did it work?", "Each thing that you get done gets its ✓ here, without a key. Where it does not work, you read what was seen, what is wanted and what to try."},
			{"When you are stuck", "h shows one hint after the other, o the solution, and d does the step for you. The keys below are what you can do at the moment."},
			{"Leaving the shell", "In the shell all keys are the shell's. ctrl+] or F2 leaves it. ctrl+c is the shell's, too, and does not end kubelab."},
			{"When you are lost", "? shows all keys, m the map, w the words, v a picture of what is there. / searches the whole course. Press ? and T to take this tour again."},
		},
		tourParts: []string{"where you read what to do", "where you type", "where you see whether it worked"},
	}
}
