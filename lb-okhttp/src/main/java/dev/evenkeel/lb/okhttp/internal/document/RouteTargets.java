package dev.evenkeel.lb.okhttp.internal.document;

import dev.evenkeel.lb.core.internal.document.schema.Default;
import dev.evenkeel.lb.core.internal.document.schema.ObjectSchema;
import dev.evenkeel.lb.core.internal.document.schema.ObjectType;
import dev.evenkeel.lb.core.internal.document.schema.TaggedUnionType;
import dev.evenkeel.lb.core.internal.document.schema.Type;
import dev.evenkeel.lb.core.internal.document.schema.Types;
import dev.evenkeel.lb.okhttp.affinity.AffinityKey;
import dev.evenkeel.lb.okhttp.route.Mirror;
import dev.evenkeel.lb.okhttp.route.Split;
import dev.evenkeel.lb.okhttp.route.Target;
import dev.evenkeel.lb.okhttp.route.ValueMatcher;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The forms of a route's conditions, targets and mirrors. */
final class RouteTargets {
    private static final Type<Split.Share> SHARE = ObjectSchema.of(
                    "split.share", "A pool's part of a split.", ShareDraft::new)
            .required("pool", Types.text("the name of a pool"), "the pool", (draft, pool) -> draft.pool = pool)
            .required(
                    "weight",
                    Types.integer(0, 1_000_000),
                    "its share is the weight by the sum of all",
                    (draft, weight) -> draft.weight = weight)
            .form()
            .as(draft -> draft.pool == null ? null : new Split.Share(draft.pool, draft.weight));

    static final Type<Target> TARGET = Types.either(
            Types.<Target>parsed(
                    "the name of a pool",
                    Target.SinglePool::new,
                    target -> target.pools().get(0)),
            ObjectSchema.of("split", "Shares requests among pools by weight, exactly.", SplitDraft::new)
                    .required(
                            "shares",
                            Types.list(SHARE, 1, 1_000),
                            "the pools, in an order that matters to a sticky split: weight that the last takes from the first moves"
                                    + " keys to it and none away from it",
                            (draft, shares) -> draft.shares = shares)
                    .optional(
                            "sticky",
                            KeyForms.AFFINITY_KEY,
                            Default.text("not sticky"),
                            "the same key, the same pool",
                            (draft, keys) -> draft.sticky = KeyForms.firstKey(keys))
                    .form()
                    .as(SplitDraft::build));

    static final Type<Mirror> MIRROR = Types.either(
            Types.parsed("the name of a pool", Mirror::to, Mirror::pool),
            ObjectSchema.of("mirror", "Sends copies to another pool and drops its responses.", MirrorDraft::new)
                    .required("pool", Types.text("the name of a pool"), "where the copies go", MirrorDraft::pool)
                    .optional(
                            "percent",
                            Types.integer(0, 100),
                            100,
                            "how many requests of a hundred are copied",
                            (draft, percent) -> draft.mirror = draft.mirror.percent(percent))
                    .optional(
                            "maxInFlight",
                            Types.integer(1, 10_000),
                            100,
                            "how many copies there may be at a time",
                            (draft, most) -> draft.mirror = draft.mirror.maxInFlight(most))
                    .optional(
                            "timeout",
                            Types.duration("1ms", "24h"),
                            "10s",
                            "how long a copy may take",
                            (draft, timeout) -> draft.mirror = draft.mirror.timeout(timeout))
                    .optional(
                            "maxBodySize",
                            Types.size("0B", "64MiB"),
                            "1MiB",
                            "how long a copied body may be",
                            MirrorDraft::maxBodySize)
                    .form()
                    .as(draft -> draft.named ? draft.mirror : null));

    /** All of them must hold. */
    static final Type<List<ValueMatcher>> TESTS = Types.oneOrMore(
            Types.either(
                    Types.<ValueMatcher>parsed(
                            "the value",
                            ValueMatcher::is,
                            test -> test instanceof ValueMatcher.Is is ? is.value() : test.toString()),
                    new TaggedUnionType<>(
                            "test",
                            tests(),
                            ObjectSchema.of(
                                            "test",
                                            "What a value must be. A string is `is`. Of several all must hold.",
                                            MatcherDraft::new)
                                    .form(),
                            (chosen, test) -> chosen.test = test,
                            chosen -> chosen.test)),
            16);

    private RouteTargets() {}

    private static Map<String, ObjectType<?, ValueMatcher>> tests() {
        Map<String, ObjectType<?, ValueMatcher>> kinds = new LinkedHashMap<>();
        kinds.put(
                "is",
                ObjectSchema.of("test.is", "equal.", MatcherDraft::new)
                        .required(
                                "value",
                                Types.text(),
                                "in its case",
                                (chosen, value) -> chosen.test = ValueMatcher.is(value))
                        .form()
                        .as(chosen -> chosen.test));
        kinds.put(
                "matches",
                ObjectSchema.of("test.matches", "matches as a whole.", MatcherDraft::new)
                        .required(
                                "regex",
                                Regexes.BOUNDED,
                                "the expression",
                                (chosen, regex) -> chosen.test = ValueMatcher.matches(regex.text()))
                        .form()
                        .as(chosen -> chosen.test));
        kinds.put("present", plain("test.present", "there is one.", ValueMatcher.PRESENT));
        kinds.put("absent", plain("test.absent", "there is none.", ValueMatcher.ABSENT));
        return kinds;
    }

    private static ObjectType<?, ValueMatcher> plain(String name, String meaning, ValueMatcher test) {
        return ObjectSchema.of(name, meaning, ArrayList::new).form().as(nothing -> test);
    }

    private static final class MatcherDraft {
        private @Nullable ValueMatcher test;
    }

    private static final class ShareDraft {
        private @Nullable String pool;
        private int weight = 1;
    }

    private static final class SplitDraft {
        private List<Split.Share> shares = List.of();
        private @Nullable AffinityKey sticky;

        /** Null if its shares were refused; that was reported. */
        @Nullable
        Target build() {
            return shares.isEmpty() ? null : new Split(shares, sticky);
        }
    }

    private static final class MirrorDraft {
        private Mirror mirror = Mirror.to("stand-in");
        private boolean named;

        void pool(String pool) {
            mirror = Mirror.to(pool);
            named = true;
        }

        void maxBodySize(long bytes) {
            mirror = mirror.maxBodySize((int) Math.min(Integer.MAX_VALUE, bytes));
        }
    }
}
