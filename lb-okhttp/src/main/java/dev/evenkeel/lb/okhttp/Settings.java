package dev.evenkeel.lb.okhttp;

/**
 * What the builder set.
 *
 * @param addressing how requests reach backends
 * @param retries what is sent again
 * @param bypassProxy whether steered connections go direct although the client has a proxy
 * @param outcomes what the ends of attempts say of backends
 */
record Settings(Addressing addressing, RetryPolicy retries, boolean bypassProxy, OutcomeClassifier outcomes) {
    static final Settings DEFAULT =
            new Settings(Addressing.AUTO, RetryPolicy.standard(), false, OutcomeClassifier.standard());
}
