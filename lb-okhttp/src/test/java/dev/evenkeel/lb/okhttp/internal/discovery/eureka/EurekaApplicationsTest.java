package dev.evenkeel.lb.okhttp.internal.discovery.eureka;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.okhttp.internal.discovery.registry.InstanceList;
import dev.evenkeel.lb.okhttp.internal.discovery.registry.RegistryJson;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** The state of a Eureka server, from full answers and deltas. */
class EurekaApplicationsTest {
    private final EurekaApplications applications =
            new EurekaApplications("Users", new EurekaInstanceReader(false, false, "weight"));

    private void take(String application, String instances) throws Exception {
        String json = "{'name': '" + application + "', 'instance': " + instances + "}";
        applications.take(RegistryJson.object(json.replace('\'', '"').getBytes(StandardCharsets.UTF_8)));
    }

    private static String instance(int number, String status, String more) {
        return "{'instanceId': 'i" + number + "', 'ipAddr': '10.0.0." + number + "', 'status': '" + status
                + "', 'port': {'$': 80, '@enabled': 'true'}" + more + "}";
    }

    @Test
    void instancesThatAreUp_ofTheApplicationInAnyCase_areListed() throws Exception {
        take("USERS", "[" + instance(1, "UP", "") + "," + instance(2, "DOWN", "") + "]");
        take("ORDERS", "[" + instance(3, "UP", "") + "]");

        assertThat(applications.listing().backends()).extracting(Backend::id).containsExactly("10.0.0.1:80");
        assertThat(applications.hashCodeOfStatuses()).isEqualTo("DOWN_1_UP_2_");
    }

    @Test
    void listOfOne_needBeNoList() throws Exception {
        take("users", instance(1, "up", ""));

        assertThat(applications.listing().backends()).hasSize(1);
        assertThat(applications.hashCodeOfStatuses()).isEqualTo("UP_1_");
    }

    @Test
    void delta_changesAndDeletes() throws Exception {
        take("users", "[" + instance(1, "UP", "") + "," + instance(2, "UP", "") + "]");
        take("users", instance(1, "OUT_OF_SERVICE", ", 'actionType': 'MODIFIED'"));
        take("users", instance(2, "UP", ", 'actionType': 'DELETED'"));

        assertThat(applications.listing().backends()).isEmpty();
        assertThat(applications.hashCodeOfStatuses()).isEqualTo("OUT_OF_SERVICE_1_");
    }

    @Test
    void unchangedInstance_staysTheSameObject() throws Exception {
        take("users", instance(1, "UP", ""));
        Backend before = applications.listing().backends().get(0);
        take("users", instance(1, "UP", ""));

        assertThat(applications.listing().backends().get(0)).isSameAs(before);
    }

    @Test
    void instanceThatCannotBeRead_isSkipped_andCounts() throws Exception {
        take("users", "[" + instance(1, "UP", ", 'metadata': {'weight': 'x'}") + "," + instance(2, "UP", "") + "]");

        InstanceList listing = applications.listing();
        assertThat(listing.backends()).hasSize(1);
        assertThat(listing.skipped()).isEqualTo(1);
        assertThat(listing.fault()).startsWith("instance USERS/i1: metadata weight");
        assertThat(applications.hashCodeOfStatuses()).isEqualTo("UP_2_");
    }

    private static String unnamed(int port, String status, String instanceId, String more) {
        String dataCenter = instanceId.isEmpty()
                ? ""
                : ", 'dataCenterInfo': {'name': 'Amazon', 'metadata': {'instance-id': '" + instanceId + "'}}";
        return "{'hostName': 'host', 'ipAddr': '10.0.0.1', 'status': '" + status + "', 'port': {'$': " + port
                + ", '@enabled': 'true'}" + dataCenter + more + "}";
    }

    @Test
    void instancesOnOneHost_withoutIds_areTwo() throws Exception {
        take("users", "[" + unnamed(80, "UP", "", "") + "," + unnamed(81, "UP", "", "") + "]");

        assertThat(applications.listing().backends())
                .extracting(Backend::id)
                .containsExactly("10.0.0.1:80", "10.0.0.1:81");
        assertThat(applications.hashCodeOfStatuses()).isEqualTo("UP_2_");

        take("users", unnamed(81, "UP", "", ", 'actionType': 'DELETED'"));
        assertThat(applications.listing().backends()).extracting(Backend::id).containsExactly("10.0.0.1:80");
    }

    @Test
    void machineOfAws_isTheIdBeforeTheHostName() throws Exception {
        String one = unnamed(80, "UP", "i-1", "").replace("10.0.0.1", "10.0.0.7");
        String other = unnamed(80, "UP", "i-2", "").replace("10.0.0.1", "10.0.0.8");
        take("users", "[" + one + "," + other + "," + unnamed(81, "DOWN", "i-2", "") + "]");

        assertThat(applications.listing().backends())
                .extracting(Backend::id)
                .containsExactly("10.0.0.7:80", "10.0.0.8:80");
        assertThat(applications.listing().backends().get(1).metadata()).containsEntry("eureka.instance.id", "i-2");
        assertThat(applications.hashCodeOfStatuses()).isEqualTo("DOWN_1_UP_2_");

        // The machine's name has changed since, its id has not.
        take("users", one.replace("'host'", "'renamed'").replace("'UP'", "'DOWN'"));
        assertThat(applications.listing().backends()).extracting(Backend::id).containsExactly("10.0.0.8:80");
    }
}
