package dev.evenkeel.lb.core.internal.document;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.core.discovery.Discoveries;
import dev.evenkeel.lb.core.discovery.FileDiscovery;
import dev.evenkeel.lb.core.internal.document.schema.Default;
import dev.evenkeel.lb.core.internal.document.schema.ObjectSchema;
import dev.evenkeel.lb.core.internal.document.schema.ObjectType;
import dev.evenkeel.lb.core.internal.document.schema.TaggedUnionType;
import dev.evenkeel.lb.core.internal.document.schema.Type;
import dev.evenkeel.lb.core.internal.document.schema.Types;
import dev.evenkeel.lb.spi.BackendDiscovery;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The forms of discovery. */
final class DiscoveryForms {
    private static final int MAX_SOURCES = 16;

    static final ObjectType<?, Function<String, BackendDiscovery>> FILE = ObjectSchema.of(
                    "discovery.file",
                    "a JSON file `{ \"backends\": [ … ] }`, looked at from time to time.",
                    FromFile::new)
            .required("path", Types.parsed("a path", DiscoveryForms::path, Path::toString), "the file", FromFile::path)
            .optional(
                    "interval",
                    Types.duration("10ms", "1h"),
                    "2s",
                    "from one look to the next",
                    (draft, interval) -> draft.source = draft.source.withInterval(interval))
            .form()
            .as(draft -> pool -> draft.source);

    static final ObjectType<?, Function<String, BackendDiscovery>> FIXED = ObjectSchema.of(
                    "discovery.fixed", "a list that never changes, as a part of others.", ArrayList<Backend>::new)
            .required("backends", Types.each(BackendForm.TYPE, 1, 10_000), "the backends", List::add)
            .form()
            .as(backends -> pool -> Discoveries.fixed(backends));

    private DiscoveryForms() {}

    static Type<Function<String, BackendDiscovery>> sources(
            Map<String, ObjectType<?, Function<String, BackendDiscovery>>> kinds) {
        return new TaggedUnionType<>(
                "discovery",
                kinds,
                ObjectSchema.of(
                                "discovery",
                                "Where backends come from. The ones of the pool stay until the first list.",
                                SourceDraft::new)
                        .form(),
                (chosen, source) -> chosen.source = source,
                chosen -> chosen.source);
    }

    static ObjectType<?, Function<String, BackendDiscovery>> union(Type<Function<String, BackendDiscovery>> source) {
        return ObjectSchema.of(
                        "discovery.union",
                        "several lists as one; of two backends with one id the earlier counts.",
                        Sources::new)
                .required("sources", Types.each(source, 1, MAX_SOURCES), "the sources", Sources::add)
                .form()
                .as(sources -> pool -> Discoveries.union(sources.of(pool)));
    }

    static ObjectType<?, Function<String, BackendDiscovery>> failover(Type<Function<String, BackendDiscovery>> source) {
        return ObjectSchema.of("discovery.failover", "the list of the first source that works.", Sources::new)
                .required("sources", Types.each(source, 1, MAX_SOURCES), "the preferred first", Sources::add)
                .required(
                        "failureTimeout",
                        Types.duration("0s", "1h"),
                        "how long a source must have failed",
                        Sources::failureTimeout)
                .form()
                .as(sources -> pool -> Discoveries.failover(sources.failureTimeout, sources.of(pool)));
    }

    static ObjectType<?, Function<String, BackendDiscovery>> subset(Type<Function<String, BackendDiscovery>> source) {
        return ObjectSchema.of("discovery.subset", "a part of a large fleet for each client.", SubsettingDraft::new)
                .required("source", source, "the whole fleet", (subset, whole) -> subset.source = whole)
                .required("size", Types.integer(1, 100_000), "backends of a tier", SubsettingDraft::size)
                .required(
                        "clientId",
                        Types.text(),
                        "who this client is: the same after a restart, another in every instance",
                        SubsettingDraft::clientId)
                .optional(
                        "maxRefill",
                        Types.integer(0, 100_000),
                        Default.text("the value of `size`"),
                        "further backends of a tier while backends of the subset are out; 0 replaces none",
                        SubsettingDraft::maxRefill)
                .form()
                .as(SubsettingDraft::build);
    }

    static ObjectType<?, Function<String, BackendDiscovery>> remoteOnly(
            Type<Function<String, BackendDiscovery>> source) {
        return ObjectSchema.of(
                        "discovery.remoteOnly", "a list without loopback and link-local addresses.", SourceDraft::new)
                .required("source", source, "the whole list", (remote, whole) -> remote.source = whole)
                .form()
                .as(remote -> {
                    Function<String, BackendDiscovery> whole = remote.source;
                    return whole == null ? null : pool -> Discoveries.remoteOnly(whole.apply(pool));
                });
    }

    private static Path path(String text) {
        try {
            return Path.of(text);
        } catch (InvalidPathException e) {
            throw new IllegalArgumentException("must be a path: " + e.getReason(), e);
        }
    }

    private static final class SourceDraft {
        private @Nullable Function<String, BackendDiscovery> source;
    }

    private static final class FromFile {
        private FileDiscovery source = BackendsForm.discovery(Path.of("stand-in"));

        void path(Path file) {
            source = BackendsForm.discovery(file);
        }
    }

    private static final class Sources {
        private final List<Function<String, BackendDiscovery>> sources = new ArrayList<>();
        private Duration failureTimeout = Duration.ZERO;

        void add(Function<String, BackendDiscovery> source) {
            sources.add(source);
        }

        void failureTimeout(Duration given) {
            BackendDiscovery unused = Discoveries.failover(given, Discoveries.fixed()); // The setter checks the range.
            failureTimeout = given;
        }

        BackendDiscovery[] of(String pool) {
            return sources.stream().map(source -> source.apply(pool)).toArray(BackendDiscovery[]::new);
        }
    }

    private static final class SubsettingDraft {
        private @Nullable Function<String, BackendDiscovery> source;
        private int size = 1;
        private String clientId = "stand-in";
        private @Nullable Integer maxRefill;

        void size(int backends) {
            BackendDiscovery unused = Discoveries.subset(Discoveries.fixed(), backends, clientId);
            size = backends;
        }

        void clientId(String id) {
            BackendDiscovery unused = Discoveries.subset(Discoveries.fixed(), size, id);
            clientId = id;
        }

        void maxRefill(int most) {
            maxRefill = most;
        }

        @Nullable
        Function<String, BackendDiscovery> build() {
            Function<String, BackendDiscovery> whole = source;
            int refill = maxRefill == null ? size : maxRefill;
            return whole == null ? null : pool -> Discoveries.subset(whole.apply(pool), size, clientId, refill);
        }
    }
}
