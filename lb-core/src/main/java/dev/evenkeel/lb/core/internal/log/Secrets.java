package dev.evenkeel.lb.core.internal.log;

import java.util.ArrayDeque;
import java.util.BitSet;
import java.util.Deque;
import java.util.HashSet;
import java.util.Set;

/**
 * The secrets of one source, which its messages must not repeat. Any eight characters in a row of a secret are removed,
 * so that a secret is found, too, if it was cut or is part of a longer text. A shorter secret is removed as a whole.
 *
 * <p>The last 16 secrets are remembered. Thread-safe.
 */
public final class Secrets {
    private static final int MAX_SECRETS = 16;
    private static final int PART = 8;
    private static final char TAKEN_OUT = '…';

    private final Deque<Secret> secrets = new ArrayDeque<>();

    private record Secret(String text, Set<String> parts) {
        static Secret of(String text) {
            Set<String> parts = new HashSet<>();
            for (int i = 0; i + PART <= text.length(); i++) {
                parts.add(text.substring(i, i + PART));
            }
            return new Secret(text, parts);
        }

        /** Marks the secret in a text, in parts or, if it is short, as a whole. */
        void mark(String in, BitSet marked) {
            int length = Math.min(PART, text.length());
            for (int i = 0; i + length <= in.length(); i++) {
                if (parts.isEmpty() ? in.startsWith(text, i) : parts.contains(in.substring(i, i + length))) {
                    marked.set(i, i + length);
                }
            }
        }
    }

    /**
     * Remembers a secret.
     *
     * @param secret as it was sent; blank is none
     */
    public synchronized void add(String secret) {
        if (secret.isBlank() || secrets.stream().anyMatch(known -> known.text.equals(secret))) {
            return;
        }
        if (secrets.size() == MAX_SECRETS) {
            secrets.removeFirst();
        }
        secrets.addLast(Secret.of(secret));
    }

    /**
     * Makes an external text fit for a message. Secrets are removed before the text is cut.
     *
     * @param text the text
     * @param maxLength the maximum number of characters that are kept
     * @return the text, printable, without secrets and user info of URIs
     */
    public String clean(String text, int maxLength) {
        return Printable.of(scrub(text), maxLength);
    }

    /**
     * A text without the secrets.
     *
     * @param text the text
     * @return the text, with an ellipsis for each secret, each part of one and each user info of a URI
     */
    public synchronized String scrub(String text) {
        String bare = withoutUserInfo(text);
        // All secrets are searched for in the same text: removing one could hide another.
        BitSet secret = new BitSet();
        for (Secret known : secrets) {
            known.mark(bare, secret);
        }
        return secret.isEmpty() ? bare : without(bare, secret);
    }

    private static String without(String text, BitSet secret) {
        StringBuilder scrubbed = new StringBuilder();
        int kept = 0;
        for (int from = secret.nextSetBit(0); from >= 0; from = secret.nextSetBit(kept)) {
            scrubbed.append(text, kept, from).append(TAKEN_OUT);
            kept = secret.nextClearBit(from);
        }
        return scrubbed.append(text, kept, text.length()).toString();
    }

    /**
     * A text without the user info of the URIs in it.
     *
     * @param text the text
     * @return the text, with an ellipsis for the part between {@code ://} and {@code @}
     */
    public static String withoutUserInfo(String text) {
        StringBuilder redacted = null;
        int kept = 0;
        for (int at = text.indexOf("://"); at >= 0; at = text.indexOf("://", at + 3)) {
            int from = at + 3;
            int end = from;
            int last = -1;
            while (end < text.length() && !isEndOfUri(text.charAt(end))) {
                last = text.charAt(end) == '@' ? end : last;
                end++;
            }
            if (last > from && from >= kept) {
                redacted = redacted == null ? new StringBuilder() : redacted;
                redacted.append(text, kept, from).append(TAKEN_OUT);
                kept = last;
            }
        }
        return redacted == null
                ? text
                : redacted.append(text, kept, text.length()).toString();
    }

    private static boolean isEndOfUri(char c) {
        return c <= ' ' || c == '"' || c == '<' || c == '>';
    }
}
