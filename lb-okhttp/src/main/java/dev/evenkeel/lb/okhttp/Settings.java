package dev.evenkeel.lb.okhttp;

/**
 * What the builder set.
 *
 * @param addressing how requests reach backends
 * @param attempts most attempts of one call, the first included
 * @param bypassProxy whether steered connections go direct although the client has a proxy
 * @param outcomes what the ends of attempts say of backends
 */
record Settings(Addressing addressing, int attempts, boolean bypassProxy, OutcomeClassifier outcomes) {
    static final Settings DEFAULT = new Settings(Addressing.AUTO, 3, false, OutcomeClassifier.standard());

    Settings {
        if (attempts < 1 || attempts > 100) {
            throw new IllegalArgumentException("attempts must be 1..100: " + attempts);
        }
    }
}
