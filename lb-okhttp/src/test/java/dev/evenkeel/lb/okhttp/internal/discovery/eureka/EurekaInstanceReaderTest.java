package dev.evenkeel.lb.okhttp.internal.discovery.eureka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.okhttp.internal.discovery.registry.RegistryJson;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Backends of Eureka's instances. */
class EurekaInstanceReaderTest {
    private static Backend read(EurekaInstanceReader reader, String json) throws Exception {
        return reader.apply(RegistryJson.object(json.replace('\'', '"').getBytes(StandardCharsets.UTF_8)));
    }

    private static String instance(boolean plain, boolean secure, String more) {
        return "{'hostName': 'a.internal', 'ipAddr': '10.0.0.1', 'port': {'$': 8080, '@enabled': '" + plain
                + "'}, 'securePort': {'$': '8443', '@enabled': '" + secure + "'}" + more + "}";
    }

    @ParameterizedTest
    @CsvSource({
        "true,  true,  false, http://10.0.0.1:8080",
        "true,  true,  true,  https://10.0.0.1:8443",
        "true,  false, true,  http://10.0.0.1:8080",
        "false, true,  false, https://10.0.0.1:8443",
        "false, false, true,  http://10.0.0.1:8080",
    })
    void port_isTheEnabledOne_orThePreferred(boolean plain, boolean secure, boolean prefer, String uri)
            throws Exception {
        assertThat(read(new EurekaInstanceReader(prefer, false, "weight"), instance(plain, secure, ""))
                        .uri())
                .hasToString(uri);
    }

    @Test
    void host_isTheAddress_orTheName_orWhatThereIs() throws Exception {
        EurekaInstanceReader byName = new EurekaInstanceReader(false, true, "weight");

        assertThat(read(byName, instance(true, false, "")).uri()).hasHost("a.internal");
        assertThat(read(byName, "{'ipAddr': '10.0.0.1', 'port': {'$': 80, '@enabled': 'true'}}")
                        .uri())
                .hasHost("10.0.0.1");
    }

    @Test
    void weightZoneAndMetadata_areTheInstances() throws Exception {
        Backend backend = read(
                new EurekaInstanceReader(false, false, "share"),
                instance(
                        true,
                        false,
                        ", 'instanceId': 'i-1', 'metadata': {'@class': 'x', 'share': '7', 'zone': 'b'},"
                                + " 'dataCenterInfo': {'metadata': {'availability-zone': 'a'}}"));

        assertThat(backend.weight()).isEqualTo(7);
        assertThat(backend.zone()).isEqualTo("b");
        assertThat(backend.metadata())
                .containsEntry("eureka.instance.id", "i-1")
                .containsEntry("share", "7")
                .doesNotContainKey("@class");
    }

    @Test
    void zone_ofTheDataCenter_isUsedWhereTheMetadataHaveNone() throws Exception {
        assertThat(read(
                                new EurekaInstanceReader(false, false, "weight"),
                                instance(true, false, ", 'dataCenterInfo': {'metadata': {'availability-zone': 'a'}}"))
                        .zone())
                .isEqualTo("a");
    }

    @Test
    void weight_thatIsNone_isRefused() {
        EurekaInstanceReader reader = new EurekaInstanceReader(false, false, "weight");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> read(reader, instance(true, false, ", 'metadata': {'weight': 'heavy'}")))
                .withMessageContaining("metadata weight");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> read(reader, instance(true, false, ", 'metadata': {'weight': '0'}")));
    }
}
