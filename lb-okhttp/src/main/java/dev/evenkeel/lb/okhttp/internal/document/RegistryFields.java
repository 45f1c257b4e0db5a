package dev.evenkeel.lb.okhttp.internal.document;

import dev.evenkeel.lb.core.internal.document.schema.Default;
import dev.evenkeel.lb.core.internal.document.schema.ObjectSchema;
import dev.evenkeel.lb.core.internal.document.schema.Type;
import dev.evenkeel.lb.core.internal.document.schema.Types;
import dev.evenkeel.lb.okhttp.route.HeaderEdit;
import java.time.Duration;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.Consumer;

/**
 * The fields of a registry's form, in the order in which they are added. The values go to the builder of its source.
 *
 * @param <B> the builder
 */
final class RegistryFields<B> {
    private static final Type<BackoffDraft> BACKOFF = ObjectSchema.of(
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
            .as(draft -> draft);

    /** User and password of their URLs are in no fault. */
    private static final Type<List<String>> SERVERS =
            Types.hidden(Types.oneOrMore(Types.text("a URL of http or https"), 100));

    private static final String NEXT = "; when one fails, the next is asked";

    private final ObjectSchema.Builder<RegistryDraft<B>> fields;

    RegistryFields(String name, String meaning, RegistryDraft.Start<B> start) {
        this.fields = ObjectSchema.of(name, meaning, () -> new RegistryDraft<>(start));
    }

    /** One server or several, which a source must have. Their URLs may have a user and a password. */
    RegistryFields<B> servers(String meaning) {
        fields.required("server", SERVERS, meaning + NEXT, RegistryDraft::servers);
        return this;
    }

    /** One server or several, or else a field that says where they are written. */
    RegistryFields<B> serversOr(
            String other, String form, String meaningOfOther, String meaning, BiFunction<String, String, B> builder) {
        fields.optional(
                        "server",
                        SERVERS,
                        Default.text("required, unless there is `" + other + "`"),
                        meaning + NEXT,
                        RegistryDraft::servers)
                .optional(
                        other,
                        Types.text(form),
                        Default.text("none"),
                        meaningOfOther,
                        (draft, written) -> draft.configured(name -> builder.apply(written, name)));
        return this;
    }

    /** A server that a source may do without. */
    RegistryFields<B> optionalServer(Default otherwise, String meaning) {
        fields.optional(
                "server",
                Types.hidden(Types.text("a URL of http or https")),
                otherwise,
                meaning,
                (draft, server) -> draft.servers(List.of(server)));
        return this;
    }

    /** What is looked up in the registry; by default what has the pool's name. */
    RegistryFields<B> name(String field) {
        fields.optional(field, Types.text(), Default.text("the pool's name"), "the " + field, RegistryDraft::name);
        return this;
    }

    /** What is looked up in the registry. */
    RegistryFields<B> requiredName(String field, String meaning) {
        fields.required(field, Types.text(), meaning, RegistryDraft::name);
        return this;
    }

    RegistryFields<B> text(String field, Object otherwise, String meaning, BiConsumer<B, String> setter) {
        return optional(field, Types.text(), otherwise, meaning, setter);
    }

    RegistryFields<B> scheme(Object otherwise, String meaning, BiConsumer<B, String> setter) {
        return optional("scheme", Types.text("`http`, `https`, `tcp` or `udp`"), otherwise, meaning, setter);
    }

    /** A flag for what is off by default, and has a setter that turns it on. */
    RegistryFields<B> flag(String field, String meaning, Consumer<B> turnOn) {
        return optional(field, Types.flag(), false, meaning, (source, wanted) -> {
            if (wanted) {
                turnOn.accept(source);
            }
        });
    }

    /** A secret that becomes a header. It is checked here because OkHttp's exception would quote it. */
    RegistryFields<B> token(Default otherwise, String meaning, BiConsumer<B, String> setter) {
        return optional("token", Types.hidden(Types.text()), otherwise, meaning, (source, token) -> {
            HeaderEdit unused = HeaderEdit.set("X-Stand-In", token);
            setter.accept(source, token);
        });
    }

    RegistryFields<B> backoff(BackoffSetter<B> setter) {
        return optional(
                "backoff",
                BACKOFF,
                Default.text("500 ms to 30 s"),
                "the waits after failures",
                (source, waits) -> setter.accept(source, waits.initialInterval, waits.maxInterval));
    }

    <T> RegistryFields<B> optional(
            String field, Type<T> type, Object otherwise, String meaning, BiConsumer<B, T> setter) {
        fields.optional(
                field, type, otherwise, meaning, (draft, value) -> draft.set(source -> setter.accept(source, value)));
        return this;
    }

    ObjectSchema<RegistryDraft<B>> form() {
        return fields.form();
    }

    /** The setter of the waits after failures. */
    interface BackoffSetter<B> {
        void accept(B source, Duration initialInterval, Duration maxInterval);
    }

    private static final class BackoffDraft {
        private Duration initialInterval = Duration.ofMillis(500);
        private Duration maxInterval = Duration.ofSeconds(30);
    }
}
