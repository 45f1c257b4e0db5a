package dev.evenkeel.lb.core.config;

/**
 * One fault of a configuration.
 *
 * @param path where it is, as a JSON path such as {@code $.pools[0].strategy}
 * @param value the value there, as JSON, cut off after 100 characters and without passwords of URIs; empty if there is
 *     none
 * @param rule the rule that it breaks, the value again, and if possible the remedy
 */
public record ConfigFault(String path, String value, String rule) {

    /**
     * The fault in a line.
     *
     * @return such as {@code $.pools[0].strategy: unknown strategy "rr"; expected one of roundRobin, …}
     */
    @Override
    public String toString() {
        return path + ": " + rule;
    }
}
