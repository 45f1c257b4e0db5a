package dev.evenkeel.lb.core.internal.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.evenkeel.lb.core.topology.ZonePolicy;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The tables of Envoy and gRPC are in {@code EligibilityVectorsTest}, on whole pools. */
class ZoneTrafficSharesTest {

    @Test
    void localZone_withEnoughOfTheCapacity_takesAll() {
        assertThat(ZoneTrafficShares.preferLocal(new long[] {1, 1}, new long[] {5, 5}, 0, 0))
                .containsExactly(1, 0);
    }

    /** The example in Envoy's source: 40/40/20 % of the callers, 25/50/25 % of the backends. */
    @Test
    void localZone_withTooLittle_takesWhatItCan_andTheRestGoesWhereThereIsRoom() {
        long[] parts = ZoneTrafficShares.preferLocal(new long[] {40, 40, 20}, new long[] {25, 50, 25}, 0, 0);

        double sum = parts[0] + parts[1] + parts[2];
        assertThat(parts[0] / sum).isEqualTo(0.625);
        assertThat(parts[1] / sum).isEqualTo(0.25);
        assertThat(parts[2] / sum).isEqualTo(0.125);
    }

    @Test
    void localZone_withNothing_givesAllAway() {
        assertThat(ZoneTrafficShares.preferLocal(new long[] {1, 1, 1}, new long[] {0, 3, 3}, 0, 0))
                .containsExactly(0, 1_667L * 10_000, 1_667L * 10_000);
    }

    @Test
    void callersElsewhere_countAsDemand() {
        assertThat(ZoneTrafficShares.preferLocal(new long[] {1, 1}, new long[] {1, 1}, 2, 0))
                .containsExactly(1, 0);
        assertThat(ZoneTrafficShares.preferLocal(new long[] {0, 0}, new long[] {1, 3}, 1, -1))
                .containsExactly(2_500L * 10_000, 7_500L * 10_000);
    }

    @Test
    void nowhereToSpare_goesByCapacity() {
        assertThat(ZoneTrafficShares.preferLocal(new long[] {1, 1}, new long[] {1, 1}, 0, -1))
                .containsExactly(1, 1);
    }

    /** Envoy's locality_wrr_test, UnhealthyFailover: of 5 backends in X 5 to 0 are healthy, Y has 1, weights 1 and 2. */
    @Test
    void weightedZone_losesWhatItsHealthCannotCarry() {
        long[] expectedPercent = {33, 33, 29, 21, 12, 0};
        for (int healthy = 5; healthy >= 0; healthy--) {
            long[] parts =
                    ZoneTrafficShares.weighted(new long[] {1, 2}, new long[] {healthy, 1}, new long[] {5, 1}, 140);
            assertThat(100 * parts[0] / (parts[0] + parts[1])).isEqualTo(expectedPercent[5 - healthy]);
        }
    }

    @Test
    void zoneWithoutBackends_hasNoPart() {
        assertThat(ZoneTrafficShares.weighted(new long[] {1, 1}, new long[] {0, 1}, new long[] {0, 1}, 140))
                .containsExactly(0, 10_000);
    }

    @Test
    void badPolicies_areRefused() {
        assertThatThrownBy(() -> ZonePolicy.preferLocal(" "))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("local zone must not be blank: \" \"");
        assertThatThrownBy(() -> ZonePolicy.preferLocal("a").withMinBackends(0))
                .hasMessage("zones minBackends must be 1..1000000: 0");
        assertThatThrownBy(() -> ZonePolicy.preferLocal("a").withCallers(Map.of("b", -1)))
                .hasMessage("callers in zone \"b\" must be 0..65535: -1");
        assertThatThrownBy(() -> ZonePolicy.weighted(Map.of("b", 65_536)))
                .hasMessage("weight of zone \"b\" must be 0..65535: 65536");
        assertThatThrownBy(() -> ZonePolicy.multiplied(Map.of("b", 0)))
                .hasMessage("weight of zone \"b\" must be 1..65535: 0");
        assertThatThrownBy(() -> ZonePolicy.weighted(Map.of()).withCallers(Map.of("b", 1)))
                .hasMessage("callers matter only to a policy that prefers the local zone: WEIGHTED");
        assertThatThrownBy(() -> new ZonePolicy(ZonePolicy.Mode.PREFER_LOCAL, null, 6, Map.of()))
                .hasMessage("a policy that prefers the local zone must name it");
    }
}
