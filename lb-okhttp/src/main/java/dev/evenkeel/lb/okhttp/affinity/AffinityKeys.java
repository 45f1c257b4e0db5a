package dev.evenkeel.lb.okhttp.affinity;

import dev.evenkeel.lb.okhttp.internal.http.BoundedRegex;
import dev.evenkeel.lb.okhttp.internal.http.Cookies;
import dev.evenkeel.lb.okhttp.internal.http.Preconditions;
import java.net.InetAddress;
import java.util.List;
import okhttp3.CookieJar;
import okhttp3.Request;
import org.jspecify.annotations.Nullable;

/** The implementations of {@link AffinityKey}'s factories, as values with {@code equals} and {@code toString}. */
final class AffinityKeys {
    private AffinityKeys() {}

    record OfHeader(String name) implements AffinityKey {
        OfHeader {
            Preconditions.token(name, "header");
        }

        @Override
        public @Nullable String of(Request request) {
            return request.header(name);
        }
    }

    record OfQuery(String name) implements AffinityKey {
        @Override
        public @Nullable String of(Request request) {
            return request.url().queryParameter(name);
        }
    }

    record OfPath() implements AffinityKey {
        @Override
        public String of(Request request) {
            return request.url().encodedPath();
        }
    }

    record OfPathSegment(int index) implements AffinityKey {
        OfPathSegment {
            if (index < 0) {
                throw new IllegalArgumentException("path segment must be 0 or more: " + index);
            }
        }

        @Override
        public @Nullable String of(Request request) {
            List<String> segments = request.url().pathSegments();
            return index < segments.size() ? segments.get(index) : null;
        }
    }

    record OfPathPattern(BoundedRegex pattern) implements AffinityKey {
        OfPathPattern {
            if (pattern.groups() < 1) {
                throw new IllegalArgumentException(
                        "path pattern must have a group, which is the key, such as /users/([^/]+): " + pattern);
            }
        }

        @Override
        public @Nullable String of(Request request) {
            return pattern.firstGroupIn(request.url().encodedPath());
        }
    }

    record OfCookie(String name) implements AffinityKey {
        OfCookie {
            Cookies.checkName(name);
        }

        @Override
        public @Nullable String of(Request request) {
            return of(request, CookieJar.NO_COOKIES);
        }

        @Override
        public @Nullable String of(Request request, CookieJar cookies) {
            return Cookies.value(request, cookies, name);
        }
    }

    record OfTag(Class<?> type) implements AffinityKey {
        @Override
        public @Nullable String of(Request request) {
            Object tag = request.tag(type);
            return tag == null ? null : tag.toString();
        }
    }

    record OfClientAddress(ClientAddress address) implements AffinityKey {
        @Override
        public @Nullable String of(Request request) {
            InetAddress found = address.of(request);
            return found == null ? null : found.getHostAddress();
        }
    }

    record FirstOf(AffinityKey first, AffinityKey second) implements AffinityKey {
        @Override
        public @Nullable String of(Request request) {
            String key = first.of(request);
            return key == null || key.isEmpty() ? second.of(request) : key;
        }

        @Override
        public @Nullable String of(Request request, CookieJar cookies) {
            String key = first.of(request, cookies);
            return key == null || key.isEmpty() ? second.of(request, cookies) : key;
        }
    }
}
