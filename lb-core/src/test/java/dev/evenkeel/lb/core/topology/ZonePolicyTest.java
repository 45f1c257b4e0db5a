package dev.evenkeel.lb.core.topology;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;

class ZonePolicyTest {
    @Test
    void badValues_areRefused() {
        assertThatThrownBy(() -> ZonePolicy.preferLocal(" ")).hasMessage("local zone must not be blank: \" \"");
        assertThatThrownBy(() -> new ZonePolicy(ZonePolicy.Mode.PREFER_LOCAL, null, 1, Map.of()))
                .hasMessage("a policy that prefers the local zone must name it");
        assertThatThrownBy(() -> ZonePolicy.preferLocal("a").withMinBackends(0))
                .hasMessage("zones minBackends must be 1..1000000: 0");
        assertThatThrownBy(() -> ZonePolicy.ignore().withCallers(Map.of("a", 1)))
                .hasMessage("callers matter only to a policy that prefers the local zone: IGNORE");
        assertThatThrownBy(() -> ZonePolicy.preferLocal("a").withCallers(Map.of("b", -1)))
                .hasMessage("callers in zone \"b\" must be 0..65535: -1");
    }

    @Test
    void weightOf0_isForWeightedZonesOnly() {
        assertThat(ZonePolicy.weighted(Map.of("a", 0)).zones()).containsExactly(Map.entry("a", 0));
        assertThatThrownBy(() -> ZonePolicy.multiplied(Map.of("a", 0)))
                .hasMessage("weight of zone \"a\" must be 1..65535: 0");
    }
}
