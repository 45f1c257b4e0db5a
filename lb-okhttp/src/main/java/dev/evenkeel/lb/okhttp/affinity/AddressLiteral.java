package dev.evenkeel.lb.okhttp.affinity;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Reads an IP address as a proxy writes it: four decimal numbers with dots, or RFC 4291's eight groups with colons.
 *
 * <p>Not by {@link java.net.InetAddress#getByName}: it asks a name server about each text that it takes for a name, and
 * which digits it takes for an address differs by version of the JDK. So no text of a request is given to it. Forms
 * that other programs take for addresses are none here: {@code 127.1}, {@code 0x7f.0.0.1}, {@code 2130706433}, digits
 * of other scripts, zones.
 */
final class AddressLiteral {
    private static final int V4_NUMBERS = 4;
    private static final int V6_BYTES = 16;

    private AddressLiteral() {}

    /** The 4 or 16 bytes of an address; null if the text is none. */
    static byte @Nullable [] bytes(String text) {
        if (text.length() > 45) {
            return null;
        }
        return text.indexOf(':') < 0 ? v4(text) : v6(text);
    }

    private static byte @Nullable [] v4(String text) {
        String[] numbers = text.split("\\.", -1);
        byte[] bytes = new byte[V4_NUMBERS];
        if (numbers.length != V4_NUMBERS) {
            return null;
        }
        for (int i = 0; i < V4_NUMBERS; i++) {
            int number = number(numbers[i], 10, 3);
            // A zero ahead makes a number octal for some programs.
            if (number < 0 || number > 0xFF || (numbers[i].length() > 1 && numbers[i].charAt(0) == '0')) {
                return null;
            }
            bytes[i] = (byte) number;
        }
        return bytes;
    }

    /** Two colons in a row stand once for all the zeros that are missing. */
    private static byte @Nullable [] v6(String text) {
        int gap = text.indexOf("::");
        if (gap < 0) {
            byte[] all = groups(text);
            return all != null && all.length == V6_BYTES ? all : null;
        }
        byte[] before = groups(text.substring(0, gap));
        byte[] after = groups(text.substring(gap + 2));
        if (before == null || after == null || before.length + after.length > V6_BYTES - 2) {
            return null;
        }
        // An address of version 4 can only stand at the end.
        if (text.lastIndexOf('.', gap) >= 0) {
            return null;
        }
        byte[] bytes = Arrays.copyOf(before, V6_BYTES);
        System.arraycopy(after, 0, bytes, V6_BYTES - after.length, after.length);
        return bytes;
    }

    /** Groups of up to four hexadecimal digits, of which the last may be an address of version 4. */
    private static byte @Nullable [] groups(String text) {
        if (text.isEmpty()) {
            return new byte[0];
        }
        String[] groups = text.split(":", -1);
        byte[] bytes = new byte[2 * groups.length + 2];
        int length = 0;
        for (int i = 0; i < groups.length; i++) {
            if (i == groups.length - 1 && groups[i].indexOf('.') >= 0) {
                byte[] last = v4(groups[i]);
                if (last == null) {
                    return null;
                }
                System.arraycopy(last, 0, bytes, length, last.length);
                length += last.length;
            } else {
                int group = number(groups[i], 16, 4);
                if (group < 0) {
                    return null;
                }
                bytes[length++] = (byte) (group >> 8);
                bytes[length++] = (byte) group;
            }
        }
        return Arrays.copyOf(bytes, length);
    }

    /** Digits of ASCII alone; -1 if the text has others, too many or none. */
    private static int number(String digits, int radix, int maxDigits) {
        int number = 0;
        for (int i = 0; i < digits.length(); i++) {
            char c = digits.charAt(i);
            int digit = c < 0x80 ? Character.digit(c, radix) : -1;
            if (digit < 0) {
                return -1;
            }
            number = number * radix + digit;
        }
        return digits.isEmpty() || digits.length() > maxDigits ? -1 : number;
    }
}
