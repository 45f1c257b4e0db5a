package dev.evenkeel.lb.okhttp.internal.discovery.xds;

/** The types of resources that are read. */
enum XdsType {
    CLUSTER("type.googleapis.com/envoy.config.cluster.v3.Cluster"),
    ENDPOINTS("type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment");

    private final String url;

    XdsType(String url) {
        this.url = url;
    }

    String url() {
        return url;
    }
}
