package dev.evenkeel.lb.okhttp.affinity;

import java.net.InetAddress;
import java.net.UnknownHostException;
import org.jspecify.annotations.Nullable;

/** Reads addresses from {@code X-Forwarded-For} and {@code Forwarded}, and never asks a name server. */
final class ForwardedFor {

    private ForwardedFor() {}

    static @Nullable InetAddress first(@Nullable String header) {
        if (header == null) {
            return null;
        }
        int comma = header.indexOf(',');
        return address((comma < 0 ? header : header.substring(0, comma)).strip());
    }

    /** RFC 7239 section 4: pairs with semicolons between, elements with commas between; values may be quoted. */
    static @Nullable InetAddress firstForwarded(@Nullable String header) {
        if (header == null) {
            return null;
        }
        int start = 0;
        boolean quoted = false;
        for (int i = 0; i <= header.length(); i++) {
            char c = i < header.length() ? header.charAt(i) : ',';
            if (c == '"') {
                quoted = !quoted;
            } else if ((c == ';' || c == ',') && (!quoted || i == header.length())) {
                String pair = header.substring(start, i).strip();
                if (pair.regionMatches(true, 0, "for=", 0, 4)) {
                    return address(pair.substring(4).replace("\"", "").strip());
                }
                if (c == ',') {
                    return null;
                }
                start = i + 1;
            }
        }
        return null;
    }

    private static @Nullable InetAddress address(String element) {
        byte[] bytes = AddressLiteral.bytes(withoutPort(element));
        try {
            return bytes == null ? null : InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new AssertionError("an address has 4 or 16 bytes", e);
        }
    }

    /** Some proxies add the port: {@code 10.0.0.1:80}, {@code [::1]:80}. */
    private static String withoutPort(String element) {
        if (element.startsWith("[")) {
            int end = element.indexOf(']');
            return end < 0 ? "" : element.substring(1, end);
        }
        int colon = element.indexOf(':');
        return colon >= 0 && colon == element.lastIndexOf(':') ? element.substring(0, colon) : element;
    }
}
