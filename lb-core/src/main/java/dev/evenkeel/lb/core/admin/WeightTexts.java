package dev.evenkeel.lb.core.admin;

import dev.evenkeel.lb.BackendStatus;
import dev.evenkeel.lb.PoolFigures.WeightFigures;
import dev.evenkeel.lb.PoolFigures.WeightSource;
import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.stream.Collectors;

/** Weights as operators read them, and who set them. */
final class WeightTexts {
    private WeightTexts() {}

    /** Such as {@code 100 operator}; if another one is in force, {@code 100 registry, now 12.5 slow start}. */
    static String of(BackendStatus status, WeightFigures weight) {
        int configured = status.backend().weight();
        double effective = status.effectiveWeight();
        StringBuilder text = new StringBuilder();
        text.append(configured).append(' ').append(name(weight.setBy()));
        if (Math.abs(configured - effective) >= 0.05) {
            Decimals.tenths(text.append(", now "), effective);
            if (!weight.changedBy().isEmpty()) {
                text.append(' ').append(names(weight.changedBy()));
            }
        }
        return text.toString();
    }

    /** In the order of the sources, such as {@code agent and slow start}; empty without one. */
    static String names(Collection<WeightSource> sources) {
        return sources.stream()
                .sorted(Comparator.naturalOrder())
                .map(WeightTexts::name)
                .collect(Collectors.joining(" and "));
    }

    private static String name(WeightSource source) {
        // The column is narrow.
        return source == WeightSource.CONFIGURATION
                ? "config"
                : source.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
}
