package dev.evenkeel.lb.okhttp.internal.discovery.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.evenkeel.lb.Backend;
import org.junit.jupiter.api.Test;

/** An instance of a registry as a backend. */
class InstanceMapperTest {
    @Test
    void instance_isABackend() {
        Backend.Builder builder = InstanceMapper.backend("http", "2001:db8::1", 8080);
        InstanceMapper.metadata(builder, "node", "n1");
        InstanceMapper.metadata(builder, "empty", "");
        Backend backend = builder.build();

        assertThat(backend.uri()).hasToString("http://[2001:db8::1]:8080");
        assertThat(backend.metadata()).containsOnlyKeys("node");
    }

    @Test
    void instanceWithoutAddressOrPort_isRefused() {
        assertThatThrownBy(() -> InstanceMapper.backend("http", "", 80)).hasMessage("an instance must have an address");
        assertThatThrownBy(() -> InstanceMapper.backend("http", "a", 0)).hasMessage("port must be 1..65535: 0");
    }

    @Test
    void first_isTheFirstThatIsNotEmpty() {
        assertThat(InstanceMapper.first("", "b", "c")).isEqualTo("b");
        assertThat(InstanceMapper.first("", "")).isEmpty();
    }
}
