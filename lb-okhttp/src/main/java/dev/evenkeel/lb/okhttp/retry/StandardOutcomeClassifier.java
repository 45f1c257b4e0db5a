package dev.evenkeel.lb.okhttp.retry;

import dev.evenkeel.lb.Outcome;

/** The classifier that takes the standard outcome of each ending. One object, so that its calls can be left out. */
enum StandardOutcomeClassifier implements OutcomeClassifier {
    INSTANCE;

    @Override
    public Outcome classify(Ending ending) {
        return ending.standard();
    }
}
