package dev.evenkeel.lb.okhttp.internal.document;

import dev.evenkeel.lb.Subset;
import dev.evenkeel.lb.core.internal.document.schema.Default;
import dev.evenkeel.lb.core.internal.document.schema.ObjectSchema;
import dev.evenkeel.lb.core.internal.document.schema.ObjectType;
import dev.evenkeel.lb.core.internal.document.schema.TaggedUnionType;
import dev.evenkeel.lb.core.internal.document.schema.Type;
import dev.evenkeel.lb.core.internal.document.schema.Types;
import dev.evenkeel.lb.okhttp.affinity.AffinityKey;
import dev.evenkeel.lb.okhttp.affinity.ClientAddress;
import dev.evenkeel.lb.okhttp.affinity.SessionCookie;
import dev.evenkeel.lb.okhttp.affinity.SessionPolicy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The forms of affinity keys, client addresses and sessions. */
final class KeyForms {
    private static final int MAX_KEYS = 16;

    /** The first that a request has. */
    static final Type<List<ClientAddress>> CLIENT_ADDRESS =
            Types.oneOrMore(Types.word("client address", addresses()), MAX_KEYS);

    /** The first that a request has. */
    static final Type<List<AffinityKey>> AFFINITY_KEY = Types.oneOrMore(
            new TaggedUnionType<>(
                    "affinity key",
                    keys(),
                    ObjectSchema.of(
                                    "affinityKey",
                                    "What ties a request to a backend. Of several, the first that it has.",
                                    KeyDraft::new)
                            .form(),
                    (chosen, key) -> chosen.key = key,
                    chosen -> chosen.key),
            MAX_KEYS);

    static final Type<Map<String, String>> SUBSET = Types.map(Types.text(), "key of metadata");

    private static final Type<SessionCookie> COOKIE = ObjectSchema.of(
                    "sessions.cookie", "A cookie that servers set, and whose value names the backend.", Cookie::new)
            .required("name", Types.text("a token"), "the cookie's name", Cookie::name)
            .optional(
                    "naming",
                    Types.constant("naming of backends", SessionCookie.Naming.values()),
                    "id",
                    "by the backend's id, by one of its metadata, or by the hash of its URI, as Traefik does",
                    (draft, naming) -> draft.naming = naming)
            .optional(
                    "metadataKey",
                    Types.text(),
                    Default.text("none"),
                    "which of a backend's metadata; for the naming `metadata`, and required there",
                    (draft, key) -> draft.metadataKey = key)
            .optional(
                    "part",
                    Types.constant("part of a cookie", SessionCookie.ValuePart.values()),
                    "whole",
                    "which part of the value is the name: all, what is before a tilde (HAProxy), what is after the last"
                            + " dot (Tomcat)",
                    (draft, part) -> draft.part = part)
            .form()
            .as(Cookie::build);

    static final Type<SessionPolicy> SESSIONS = ObjectSchema.of(
                    "sessions",
                    "What binds sessions to backends: a table by a key, a cookie, or both.",
                    SessionsDraft::new)
            .optional(
                    "key",
                    AFFINITY_KEY,
                    Default.requiredWithout("cookie"),
                    "the key of a request's session in the table",
                    (draft, keys) -> draft.key = firstKey(keys))
            .optional(
                    "cookie",
                    COOKIE,
                    Default.text("none"),
                    "the cookie, which goes before the table",
                    (draft, cookie) -> draft.cookie = cookie)
            .optional(
                    "maxSessions",
                    Types.integer(1, 100_000_000),
                    100_000,
                    "how many the table of a pool keeps",
                    SessionsDraft::maxSessions)
            .optional(
                    "idleTimeout",
                    Types.duration("1s", "7d"),
                    "1d",
                    "how long the table remembers a session after its last request",
                    SessionsDraft::idleTimeout)
            .form()
            .as(SessionsDraft::build);

    private KeyForms() {}

    static AffinityKey firstKey(List<AffinityKey> keys) {
        return keys.stream().reduce(AffinityKey::or).orElseThrow();
    }

    static ClientAddress firstAddress(List<ClientAddress> addresses) {
        return addresses.stream().reduce(ClientAddress::or).orElseThrow();
    }

    static Subset subset(Map<String, String> metadata) {
        return Subset.of(metadata);
    }

    private static Map<String, ClientAddress> addresses() {
        Map<String, ClientAddress> addresses = new LinkedHashMap<>();
        addresses.put("tag", ClientAddress.tag());
        addresses.put("forwardedFor", ClientAddress.forwardedFor());
        addresses.put("forwarded", ClientAddress.forwarded());
        return addresses;
    }

    private static Map<String, ObjectType<?, AffinityKey>> keys() {
        Map<String, ObjectType<?, AffinityKey>> kinds = new LinkedHashMap<>();
        kinds.put("header", named("affinityKey.header", "a request header.", AffinityKey::header));
        kinds.put("cookie", named("affinityKey.cookie", "a cookie.", AffinityKey::cookie));
        kinds.put("query", named("affinityKey.query", "a parameter of the query.", AffinityKey::query));
        kinds.put("path", plain("affinityKey.path", "the path.", AffinityKey.path()));
        kinds.put("pathSegment", pathSegment());
        kinds.put("pathRegex", pathRegex());
        kinds.put("clientAddress", clientAddress());
        kinds.put(
                "tag",
                plain(
                        "affinityKey.tag",
                        "the String that the application has tagged the request with.",
                        AffinityKey.tag(String.class)));
        return kinds;
    }

    private static ObjectType<?, AffinityKey> plain(String name, String meaning, AffinityKey key) {
        return ObjectSchema.of(name, meaning, ArrayList::new).form().as(nothing -> key);
    }

    private static ObjectType<?, AffinityKey> named(String name, String meaning, Function<String, AffinityKey> key) {
        return ObjectSchema.of(name, meaning, KeyDraft::new)
                .required("name", Types.text(), "its name", (chosen, given) -> chosen.key = key.apply(given))
                .form()
                .as(chosen -> chosen.key);
    }

    private static ObjectType<?, AffinityKey> pathSegment() {
        return ObjectSchema.of("affinityKey.pathSegment", "one segment of the path, decoded.", KeyDraft::new)
                .required(
                        "index",
                        Types.integer(0, Integer.MAX_VALUE),
                        "0 for the first",
                        (chosen, index) -> chosen.key = AffinityKey.pathSegment(index))
                .form()
                .as(chosen -> chosen.key);
    }

    private static ObjectType<?, AffinityKey> pathRegex() {
        return ObjectSchema.of("affinityKey.pathRegex", "a part of the path.", KeyDraft::new)
                .required(
                        "regex",
                        Regexes.PATTERN,
                        "with a group, which is the key, such as `/users/([^/]+)`",
                        (chosen, pattern) -> chosen.key = AffinityKey.path(pattern))
                .form()
                .as(chosen -> chosen.key);
    }

    private static ObjectType<?, AffinityKey> clientAddress() {
        return ObjectSchema.of(
                        "affinityKey.clientAddress", "the address of the client that is being served.", KeyDraft::new)
                .required(
                        "from",
                        CLIENT_ADDRESS,
                        "where it is found",
                        (chosen, from) -> chosen.key = AffinityKey.clientAddress(firstAddress(from)))
                .form()
                .as(chosen -> chosen.key);
    }

    private static final class KeyDraft {
        private @Nullable AffinityKey key;
    }

    private static final class Cookie {
        private SessionCookie cookie = SessionCookie.of("stand-in");
        private SessionCookie.Naming naming = SessionCookie.Naming.ID;
        private @Nullable String metadataKey;
        private SessionCookie.ValuePart part = SessionCookie.ValuePart.WHOLE;

        void name(String name) {
            cookie = SessionCookie.of(name);
        }

        SessionCookie build() {
            return new SessionCookie(cookie.name(), naming, metadataKey, part);
        }
    }

    private static final class SessionsDraft {
        private @Nullable AffinityKey key;
        private @Nullable SessionCookie cookie;
        private int maxSessions = 100_000;
        private Duration idleTimeout = Duration.ofDays(1);

        void maxSessions(int given) {
            maxSessions = SessionPolicy.byTable(AffinityKey.path())
                    .withMaxSessions(given)
                    .maxSessions();
        }

        void idleTimeout(Duration given) {
            idleTimeout = SessionPolicy.byTable(AffinityKey.path())
                    .withIdleTimeout(given)
                    .idleTimeout();
        }

        /** Null if its key or its cookie was refused, or both are missing; that was reported. */
        @Nullable
        SessionPolicy build() {
            return key == null && cookie == null
                    ? null
                    : new SessionPolicy(key, maxSessions, idleTimeout, null, cookie);
        }
    }
}
