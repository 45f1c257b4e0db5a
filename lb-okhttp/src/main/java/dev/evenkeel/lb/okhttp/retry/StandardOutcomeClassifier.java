package dev.evenkeel.lb.okhttp.retry;

import dev.evenkeel.lb.Outcome;

/** The default classifier: returns the standard outcome. It is one object, so that calls of it can be skipped. */
enum StandardOutcomeClassifier implements OutcomeClassifier {
    INSTANCE;

    @Override
    public Outcome classify(Ending ending) {
        return ending.standard();
    }
}
