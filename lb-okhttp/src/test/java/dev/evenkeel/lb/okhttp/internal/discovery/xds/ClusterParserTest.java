package dev.evenkeel.lb.okhttp.internal.discovery.xds;

import static dev.evenkeel.lb.okhttp.internal.discovery.xds.XdsMessages.cluster;
import static dev.evenkeel.lb.okhttp.internal.discovery.xds.XdsMessages.message;
import static dev.evenkeel.lb.okhttp.internal.discovery.xds.XdsMessages.read;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.evenkeel.lb.okhttp.internal.discovery.registry.MalformedAnswerException;
import org.junit.jupiter.api.Test;

/** Where a cluster's endpoints are. */
class ClusterParserTest {

    private static String endpoints(ProtoWriter cluster) throws MalformedAnswerException {
        return ClusterParser.endpointsOf(read(cluster), "users");
    }

    private static void assertRefused(ProtoWriter cluster, String rule) {
        assertThatExceptionOfType(MalformedAnswerException.class)
                .isThrownBy(() -> endpoints(cluster))
                .withMessageStartingWith(rule);
    }

    @Test
    void serviceName_orElseTheClustersOwn_isTheOneOfItsEndpoints() throws Exception {
        assertThat(endpoints(cluster("users", "users-v2"))).isEqualTo("users-v2");
        assertThat(endpoints(cluster("users", ""))).isEqualTo("users");
        assertThat(endpoints(cluster("orders", "orders-v2"))).isNull();
    }

    @Test
    void configSourceSelf_isTheSameStream() throws Exception {
        ProtoWriter eds = message().message(1, message().message(5, message()));
        assertThat(endpoints(message().text(1, "users").varint(2, 3).message(3, eds)))
                .isEqualTo("users");
    }

    @Test
    void clusterOfAnotherType_isRefused() {
        assertRefused(message().text(1, "users").varint(2, 1), "a cluster must be of the type EDS");
        assertRefused(message().text(1, "users"), "a cluster must be of the type EDS");
        assertRefused(cluster("users", "").message(38, message()), "a cluster must be of the type EDS");
    }

    @Test
    void endpointsOfAnotherSource_areRefused() {
        assertRefused(message().text(1, "users").varint(2, 3), "eds_config of a cluster must be ads or self");
        ProtoWriter path = message().message(1, message().text(1, "/etc/eds.yaml"));
        assertRefused(
                message().text(1, "users").varint(2, 3).message(3, path),
                "eds_config of a cluster must be ads or self");
    }

    @Test
    void longServiceName_isRefused() {
        assertRefused(cluster("users", "x".repeat(2_049)), "service_name of a cluster must have at most 2048");
    }
}
