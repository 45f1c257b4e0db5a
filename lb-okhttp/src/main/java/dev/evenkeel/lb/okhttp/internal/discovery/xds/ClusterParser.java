package dev.evenkeel.lb.okhttp.internal.discovery.xds;

import dev.evenkeel.lb.okhttp.internal.discovery.registry.MalformedAnswerException;
import dev.evenkeel.lb.okhttp.internal.discovery.registry.Messages;
import org.jspecify.annotations.Nullable;

/** Parses what an {@code envoy.config.cluster.v3.Cluster} says of where its endpoints are. */
final class ClusterParser {
    private static final long EDS = 3;
    private static final int MAX_NAME = 2_048;

    private String name = "";
    private long type;
    private boolean custom;
    private String service = "";
    private boolean aggregated;

    private ClusterParser() {}

    /**
     * Parses a cluster.
     *
     * @param wanted the name of the cluster that is looked for
     * @return the name of its load assignment; null if this is another cluster
     * @throws MalformedAnswerException if it is no cluster, or its endpoints do not come over the same stream
     */
    static @Nullable String endpointsOf(ProtoReader in, String wanted) throws MalformedAnswerException {
        ClusterParser parser = new ClusterParser();
        parser.cluster(in);
        if (!parser.name.equals(wanted)) {
            return null;
        }
        if (parser.type != EDS || parser.custom) {
            throw new MalformedAnswerException("a cluster must be of the type EDS: " + quote(wanted));
        }
        if (!parser.aggregated) {
            throw new MalformedAnswerException("eds_config of a cluster must be ads or self: " + quote(wanted));
        }
        if (parser.service.length() > MAX_NAME) {
            throw new MalformedAnswerException(
                    "service_name of a cluster must have at most " + MAX_NAME + " characters");
        }
        return parser.service.isEmpty() ? wanted : parser.service;
    }

    private static String quote(String name) {
        return "\"" + Messages.quoted(name) + "\"";
    }

    private void cluster(ProtoReader in) throws MalformedAnswerException {
        while (in.next()) {
            switch (in.field()) {
                case 1 -> name = in.text();
                case 2 -> type = in.uint32();
                case 3 -> endpointDiscovery(in.message());
                case 38 -> {
                    custom = true;
                    in.skip();
                }
                default -> in.skip();
            }
        }
    }

    private void endpointDiscovery(ProtoReader in) throws MalformedAnswerException {
        while (in.next()) {
            switch (in.field()) {
                case 1 -> source(in.message());
                case 2 -> service = in.text();
                default -> in.skip();
            }
        }
    }

    /** A {@code ConfigSource}: 3 is ads, 5 is self. */
    private void source(ProtoReader in) throws MalformedAnswerException {
        while (in.next()) {
            aggregated |= in.field() == 3 || in.field() == 5;
            in.skip();
        }
    }
}
