package dev.evenkeel.lb.core;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.Decision;
import dev.evenkeel.lb.Decision.Option;
import dev.evenkeel.lb.Ineligibility;
import dev.evenkeel.lb.RequestContext;
import dev.evenkeel.lb.Subset;
import dev.evenkeel.lb.core.log.Containment;
import dev.evenkeel.lb.spi.Picker;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Says what a request finds in a pool. Takes the registry's lock, and so is not for every call. */
final class Explanations {
    /** Reasons that the request has, not the backend's state. */
    private static final Set<Ineligibility> OF_THE_REQUEST =
            EnumSet.of(Ineligibility.TRIED, Ineligibility.NOT_PERMITTED, Ineligibility.OTHER_SUBSET);

    private Explanations() {}

    static Decision explain(Settings settings, Writer writer, RequestContext context, long nowNanos) {
        // The request's own code runs before the lock is taken.
        Subset subset = context.subset();
        String bound = context.boundBackend();
        List<Backend> tried = context.tried();
        Predicate<Backend> permitted = context.permitted();
        if (subset != null && writer.current().subsets().find(subset) == null) {
            // As the pick would.
            writer.learn(subset.metadata().keySet());
        }
        return writer.read(() -> explain(settings, writer.current(), subset, bound, tried, permitted, nowNanos));
    }

    private static Decision explain(
            Settings settings,
            Snapshot snapshot,
            @Nullable Subset subset,
            @Nullable String bound,
            List<Backend> tried,
            @Nullable Predicate<Backend> permitted,
            long nowNanos) {
        Spread spread = subset == null
                ? new Spread(snapshot.levels(), snapshot.draw())
                : snapshot.subsets().findKnown(subset);
        Map<BackendNode, Picker> pickers = pickers(spread);
        List<Option> options = new ArrayList<>(snapshot.all().size());
        boolean alternatives = pickers.keySet().stream()
                .anyMatch(node -> node.isAvailable() && Snapshot.ofRequest(node, tried, permitted) == null);
        for (BackendNode node : snapshot.all()) {
            Picker picker = pickers.get(node);
            Ineligibility reason = reason(node, picker, tried, permitted, alternatives);
            options.add(option(node, picker, reason, alternatives, nowNanos));
        }
        return new Decision(settings.name(), settings.strategy().name(), options, bound, null, "");
    }

    /** Who may be chosen, and by whom. */
    private static Map<BackendNode, Picker> pickers(Spread spread) {
        Map<BackendNode, Picker> pickers = new HashMap<>();
        for (Level level : spread.levels()) {
            for (Group group : level.groups()) {
                group.nodes.forEach(node -> pickers.put(node, group.picker));
            }
        }
        return pickers;
    }

    private static Option option(
            BackendNode node,
            @Nullable Picker picker,
            @Nullable Ineligibility reason,
            boolean alternatives,
            long nowNanos) {
        String explanation = reason == null && picker != null
                ? eligible(node, picker, alternatives, nowNanos)
                : reason != null && OF_THE_REQUEST.contains(reason)
                        ? reason.text()
                        : Descriptions.explanation(node, alternatives, nowNanos);
        return new Option(node.backend, reason, explanation, node.inFlight(), node.latencyNanos(), node.weight);
    }

    private static @Nullable Ineligibility reason(
            BackendNode node,
            @Nullable Picker picker,
            List<Backend> tried,
            @Nullable Predicate<Backend> permitted,
            boolean alternatives) {
        Ineligibility closedBecause = node.closedBecause();
        if (closedBecause != null) {
            return closedBecause;
        }
        if (picker == null) {
            return Ineligibility.OTHER_SUBSET;
        }
        Ineligibility ofRequest = Snapshot.ofRequest(node, tried, permitted);
        return ofRequest == null ? Descriptions.reason(node, alternatives) : ofRequest;
    }

    /** What the strategy thinks, and before it what else is unusual about the use of the backend. */
    private static String eligible(BackendNode node, Picker picker, boolean alternatives, long nowNanos) {
        String use = Descriptions.explanation(node, alternatives, nowNanos);
        String figures;
        try {
            figures = picker.explain(node, nowNanos);
        } catch (RuntimeException | Error e) {
            Containment.rethrowFatal(e);
            figures = "the strategy threw " + e;
        }
        if (use.equals(Descriptions.USED)) {
            return figures;
        }
        return figures.isEmpty() ? use : use + "; " + figures;
    }
}
