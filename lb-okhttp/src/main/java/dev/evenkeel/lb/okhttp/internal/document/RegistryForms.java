package dev.evenkeel.lb.okhttp.internal.document;

import dev.evenkeel.lb.core.internal.document.schema.ObjectSchema;
import dev.evenkeel.lb.core.internal.document.schema.Type;
import dev.evenkeel.lb.core.internal.document.schema.Types;
import dev.evenkeel.lb.okhttp.route.HeaderEdit;
import java.time.Duration;
import java.util.List;

/** What the forms of registries share. */
final class RegistryForms {
    static final String STAND_IN = "http://stand-in.invalid";

    /** URLs that may have a user and a password. */
    static final Type<List<String>> SERVERS = Types.hidden(Types.oneOrMore(Types.text("a URL of http or https"), 100));

    static final Type<Waits> BACKOFF = ObjectSchema.of(
                    "discovery.backoff", "The waits after failures. They double.", BackoffDraft::new)
            .required(
                    "initialInterval",
                    Types.duration("1ms", ""),
                    "the first",
                    (draft, interval) -> draft.initialInterval = interval)
            .required(
                    "maxInterval",
                    Types.duration("1ms", ""),
                    "the longest; at least `initialInterval`",
                    (draft, interval) -> draft.maxInterval = interval)
            .form()
            .as(BackoffDraft::build);

    private RegistryForms() {}

    /** Checks the secret here: it becomes a header, and OkHttp's exception would quote it. */
    static String checkedToken(String token) {
        HeaderEdit unused = HeaderEdit.set("X-Stand-In", token);
        return token;
    }

    /** The waits after failures. */
    record Waits(Duration initialInterval, Duration maxInterval) {}

    private static final class BackoffDraft {
        private Duration initialInterval = Duration.ofMillis(500);
        private Duration maxInterval = Duration.ofSeconds(30);

        Waits build() {
            return new Waits(initialInterval, maxInterval);
        }
    }
}
