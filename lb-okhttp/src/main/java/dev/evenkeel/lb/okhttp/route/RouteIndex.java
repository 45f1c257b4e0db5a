package dev.evenkeel.lb.okhttp.route;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Indexes routes by host, then by path. It finds a few candidates; their other conditions decide.
 */
final class RouteIndex {
    private final Map<String, PathIndex> byHost;
    /** By what hosts end with, such as {@code .example.com}; each holds the routes of shorter ends, too. */
    private final Map<String, PathIndex> byEnd;

    private final PathIndex everyHost;

    private RouteIndex(Map<String, PathIndex> byHost, Map<String, PathIndex> byEnd, PathIndex everyHost) {
        this.byHost = byHost;
        this.byEnd = byEnd;
        this.everyHost = everyHost;
    }

    static RouteIndex of(List<Route> routes) {
        Map<String, PathIndex.Builder> byHost = new HashMap<>();
        Map<String, PathIndex.Builder> byEnd = new HashMap<>();
        PathIndex.Builder everyHost = new PathIndex.Builder();
        for (Route route : routes) {
            for (HostPattern host : route.match().hosts()) {
                if (host.isWildcard()) {
                    byEnd.put(host.suffix(), new PathIndex.Builder());
                }
            }
        }
        for (int position = 0; position < routes.size(); position++) {
            RouteMatch match = routes.get(position).match();
            if (match.hosts().isEmpty()) {
                everyHost.add(position, match.paths());
            }
            for (HostPattern host : match.hosts()) {
                if (!host.isWildcard()) {
                    byHost.computeIfAbsent(host.text(), h -> new PathIndex.Builder())
                            .add(position, match.paths());
                    continue;
                }
                for (Map.Entry<String, PathIndex.Builder> end : byEnd.entrySet()) {
                    if (end.getKey().endsWith(host.suffix())) {
                        end.getValue().add(position, match.paths());
                    }
                }
            }
        }
        return new RouteIndex(built(byHost), built(byEnd), everyHost.build());
    }

    private static Map<String, PathIndex> built(Map<String, PathIndex.Builder> builders) {
        Map<String, PathIndex> built = new HashMap<>();
        builders.forEach((key, builder) -> built.put(key, builder.build()));
        return built;
    }

    PathIndex.PositionMerger candidates(MatchContext request) {
        PathIndex.PositionMerger found = new PathIndex.PositionMerger();
        PathIndex named = byHost.get(request.host());
        if (named != null) {
            named.find(request.path(), found);
        }
        PathIndex ending = byEnd.isEmpty() ? null : longestEnd(request.host());
        if (ending != null) {
            ending.find(request.path(), found);
        }
        everyHost.find(request.path(), found);
        return found;
    }

    private @Nullable PathIndex longestEnd(String host) {
        for (int dot = host.indexOf('.', 1); dot >= 0; dot = host.indexOf('.', dot + 1)) {
            PathIndex index = byEnd.get(host.substring(dot));
            if (index != null) {
                return index;
            }
        }
        return null;
    }
}
