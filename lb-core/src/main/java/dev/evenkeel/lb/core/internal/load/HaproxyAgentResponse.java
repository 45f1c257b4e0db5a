package dev.evenkeel.lb.core.internal.load;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Response of an agent of HAProxy's {@code agent-check}: one line of words in any order, separated by spaces, tabs or
 * commas, in upper or lower case. Omitted parts stay unchanged.
 *
 * @param weightPercent {@code 75%}: the weight in per cent of the configured one, 0 to 25,600; with 0 the backend takes
 *     no new calls. Null if omitted
 * @param maxInFlight {@code maxconn:30}: the most calls at one time, at least 1; {@code maxconn:0} is no limit, which
 *     is {@link Integer#MAX_VALUE}. Null if omitted
 * @param admin {@code ready}, {@code drain} or {@code maint}; null if omitted
 * @param state {@code up}, {@code down}, {@code fail} or {@code stopped}; null if omitted
 * @param description the text after a {@code #}, trimmed; may be empty
 */
public record HaproxyAgentResponse(
        @Nullable Integer weightPercent,
        @Nullable Integer maxInFlight,
        @Nullable Admin admin,
        @Nullable State state,
        String description) {

    /** The maximum length of a line in characters. */
    public static final int MAX_LENGTH = 1_024;

    private static final int MAX_WEIGHT_PERCENT = 25_600;

    /** The admin state that the agent requests. */
    public enum Admin {
        /** In service: reverses the other two. */
        READY,
        /** No new calls. */
        DRAIN,
        /** Out of service. */
        MAINT
    }

    /** The agent's view of the service. */
    public enum State {
        /** Working, as far as the agent can see. */
        UP,
        /** Not running. */
        DOWN,
        /** Running, but not working. */
        FAIL,
        /** Stopped on purpose. */
        STOPPED;

        /**
         * Whether the backend can take traffic.
         *
         * @return true for up
         */
        public boolean isUp() {
            return this == UP;
        }
    }

    /**
     * Validates the components.
     *
     * @throws IllegalArgumentException if one is out of range
     */
    public HaproxyAgentResponse {
        if (weightPercent != null && (weightPercent < 0 || weightPercent > MAX_WEIGHT_PERCENT)) {
            throw new IllegalArgumentException(
                    "agent's weight must be 0%.." + MAX_WEIGHT_PERCENT + "%: " + weightPercent + "%");
        }
        if (maxInFlight != null && maxInFlight < 1) {
            throw new IllegalArgumentException("agent's maxInFlight must be at least 1: " + maxInFlight);
        }
    }

    /**
     * Reads a reply.
     *
     * @param reply what the agent sent; only its first line counts; an empty one says nothing
     * @return the reply; of contradictory words the last one counts
     * @throws IllegalArgumentException if the line is too long, or a word is not known or out of range
     */
    public static HaproxyAgentResponse parse(String reply) {
        String line = firstLine(reply);
        int hash = line.indexOf('#');
        String description = hash < 0 ? "" : line.substring(hash + 1).trim();
        Integer weight = null;
        Integer limit = null;
        Admin admin = null;
        State state = null;
        String words = hash < 0 ? line : line.substring(0, hash);
        for (int start = 0; start < words.length(); ) {
            int end = start;
            while (end < words.length() && !isSeparator(words.charAt(end))) {
                end++;
            }
            String word = words.substring(start, end);
            switch (word.toLowerCase(Locale.ROOT)) {
                case "" -> {}
                case "ready" -> admin = Admin.READY;
                case "drain" -> admin = Admin.DRAIN;
                case "maint" -> admin = Admin.MAINT;
                case "up" -> state = State.UP;
                case "down" -> state = State.DOWN;
                case "fail" -> state = State.FAIL;
                case "stopped" -> state = State.STOPPED;
                default -> {
                    if (word.endsWith("%")) {
                        weight = number(word, 0, word.length() - 1);
                    } else if (word.regionMatches(true, 0, "maxconn:", 0, 8)) {
                        int maxconn = number(word, 8, word.length());
                        limit = maxconn == 0 ? Integer.MAX_VALUE : maxconn;
                    } else {
                        throw unknown(word);
                    }
                }
            }
            start = end + 1;
        }
        return new HaproxyAgentResponse(weight, limit, admin, state, description);
    }

    private static String firstLine(String reply) {
        int end = 0;
        while (end < reply.length() && reply.charAt(end) != '\n' && reply.charAt(end) != '\r') {
            end++;
        }
        if (end > MAX_LENGTH) {
            throw new IllegalArgumentException(
                    "agent's line must have at most " + MAX_LENGTH + " characters: it has " + end);
        }
        return reply.substring(0, end);
    }

    private static boolean isSeparator(char c) {
        return c == ' ' || c == '\t' || c == ',';
    }

    /** Digits only, at most nine of them. */
    private static int number(String word, int start, int end) {
        int value = 0;
        for (int i = start; i < end; i++) {
            char digit = word.charAt(i);
            if (digit < '0' || digit > '9') {
                throw unknown(word);
            }
            value = value * 10 + (digit - '0');
        }
        if (start == end || end - start > 9) {
            throw unknown(word);
        }
        return value;
    }

    private static IllegalArgumentException unknown(String word) {
        return new IllegalArgumentException("agent's word is not known: " + Quote.of(word)
                + "; expected a weight such as 75%, maxconn:30, ready, drain, maint, up, down, fail or stopped");
    }
}
