package dev.evenkeel.lb.okhttp.internal.discovery.xds;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.okhttp.internal.discovery.registry.InstanceList;
import dev.evenkeel.lb.okhttp.internal.discovery.xds.LoadAssignment.Endpoint;
import dev.evenkeel.lb.okhttp.internal.discovery.xds.LoadAssignment.Locality;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which backends endpoints are. */
class LoadAssignmentMapperTest {
    private static final LoadAssignmentMapper MAPPER = new LoadAssignmentMapper("http", false);

    private static Endpoint endpoint(String host, long port, long health, long weight) {
        return new Endpoint(host, port, health, weight, Map.of());
    }

    private static InstanceList list(Endpoint... endpoints) throws Exception {
        return MAPPER.list(new LoadAssignment(List.of(new Locality("", "", "", 0, 0, List.of(endpoints)))));
    }

    @Test
    void endpoint_isABackendOfItsLocality() throws Exception {
        Endpoint endpoint = new Endpoint("10.0.0.1", 8443, 5, 3, Map.of("version", "2"));
        LoadAssignment assignment =
                new LoadAssignment(List.of(new Locality("eu", "eu-1a", "rack7", 9, 2, List.of(endpoint))));

        assertThat(new LoadAssignmentMapper("https", false).list(assignment).backends())
                .containsExactly(Backend.builder("https://10.0.0.1:8443")
                        .weight(3)
                        .priority(2)
                        .zone("eu-1a")
                        .metadata("version", "2")
                        .metadata("xds.region", "eu")
                        .metadata("xds.sub_zone", "rack7")
                        .metadata("xds.health", "DEGRADED")
                        .build());
    }

    @ParameterizedTest
    @CsvSource({"0, true", "1, true", "2, false", "3, false", "4, false", "5, true", "6, true"})
    void health_saysWhetherAnEndpointIsInTheList(long health, boolean listed) throws Exception {
        InstanceList found = list(endpoint("10.0.0.1", 80, health, 1));
        assertThat(found.backends()).hasSize(listed ? 1 : 0);
        assertThat(found.skipped()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "0.0.0.0", "[::1]", "a/b", "u@h", "2130706433", "224.0.0.1", "h:80"})
    void addressThatIsNoHost_isLeftOut(String address) throws Exception {
        InstanceList found = list(endpoint(address, 80, 0, 1), endpoint("10.0.0.1", 80, 0, 1));
        assertThat(found.backends()).extracting(Backend::id).containsExactly("10.0.0.1:80");
        assertThat(found.skipped()).isEqualTo(1);
        assertThat(found.fault()).contains("address");
    }

    @ParameterizedTest
    @CsvSource({
        "0, 1, port must be 1..65535: 0",
        "65536, 1, port must be 1..65535: 65536",
        "4294967295, 1, port must be 1..65535: 2147483647",
        "80, 0, weight must be 1..65535: 0",
        "80, 65536, weight must be 1..65535: 65536",
        "80, 4294967295, weight must be 1..65535: 2147483647",
    })
    void valueThatNoBackendHas_isLeftOut(long port, long weight, String rule) throws Exception {
        InstanceList found = list(endpoint("10.0.0.1", port, 0, weight), endpoint("::1", 80, 0, 1));
        assertThat(found.backends()).extracting(Backend::id).containsExactly("[::1]:80");
        assertThat(found.fault()).contains(rule);
    }

    @Test
    void priorityThatNoBackendHas_isLeftOut() throws Exception {
        Locality last = new Locality("", "", "", 0, 128, List.of(endpoint("10.0.0.1", 80, 0, 1)));
        assertThat(MAPPER.list(new LoadAssignment(List.of(last))).fault()).contains("priority must be 0..127: 128");
    }
}
