package dev.evenkeel.lb.core.discovery;

import dev.evenkeel.lb.Backend;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Combines the lists of several sources into one. */
interface CombinationRule {
    /**
     * The combined list.
     *
     * @param sources in the order of precedence
     * @return null if the previous list stays in force
     */
    @Nullable
    List<Backend> combine(List<CombinedSource> sources);

    /** The backends of all sources. */
    final class Union implements CombinationRule {
        @Override
        public @Nullable List<Backend> combine(List<CombinedSource> sources) {
            Map<String, Backend> byId = new LinkedHashMap<>();
            boolean some = false;
            for (CombinedSource source : sources) {
                if (source.isAwaited()) {
                    return null;
                }
                List<Backend> list = source.list();
                if (list != null) {
                    some = true;
                    list.forEach(backend -> byId.putIfAbsent(backend.id(), backend));
                }
            }
            return some ? List.copyOf(byId.values()) : null;
        }
    }

    /** The list of the first source that works. */
    final class Failover implements CombinationRule {
        @Override
        public @Nullable List<Backend> combine(List<CombinedSource> sources) {
            for (CombinedSource source : sources) {
                if (source.isAwaited()) {
                    return null;
                }
                List<Backend> list = source.list();
                if (list != null && !source.hasFailed()) {
                    return list;
                }
            }
            return null;
        }
    }
}
