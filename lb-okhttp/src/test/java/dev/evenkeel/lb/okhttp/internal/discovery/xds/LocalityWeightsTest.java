package dev.evenkeel.lb.okhttp.internal.discovery.xds;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.okhttp.internal.discovery.registry.InstanceList;
import dev.evenkeel.lb.okhttp.internal.discovery.xds.LoadAssignment.Endpoint;
import dev.evenkeel.lb.okhttp.internal.discovery.xds.LoadAssignment.Locality;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The weights of localities times those of endpoints. */
class LocalityWeightsTest {
    private static final int SCALE = LocalityWeights.SCALE;

    private final List<Locality> localities = new ArrayList<>();

    /** A locality whose endpoints have these weights; those of −1 are draining. */
    private void locality(long weight, long priority, int... weights) {
        List<Endpoint> endpoints = new ArrayList<>();
        for (int each : weights) {
            String host = "10.0." + localities.size() + "." + (1 + endpoints.size());
            endpoints.add(new Endpoint(host, 80, each < 0 ? 3 : 1, Math.abs(each), Map.of()));
        }
        localities.add(new Locality("", "", "", weight, priority, endpoints));
    }

    private List<Integer> weights() throws Exception {
        InstanceList list = new LoadAssignmentMapper("http", true).list(new LoadAssignment(localities));
        return list.backends().stream().map(Backend::weight).toList();
    }

    @Test
    void localities_haveTheirShares_howeverManyEndpointsTheyHave() throws Exception {
        locality(3, 0, 1, 1);
        locality(1, 0, 1);

        assertThat(weights()).containsExactly(SCALE, SCALE, SCALE * 2 / 3);
    }

    @Test
    void endpointsOfALocality_haveTheirWeightsWithinIt() throws Exception {
        locality(1, 0, 3, 1);
        locality(1, 0, 100);

        assertThat(weights()).containsExactly(SCALE * 3 / 4, SCALE / 4, SCALE);
    }

    @Test
    void localityWithoutAWeight_getsNothing() throws Exception {
        locality(0, 0, 1);
        locality(1, 0, 1);

        assertThat(weights()).containsExactly(SCALE);
    }

    @Test
    void priorities_areWeighedApart() throws Exception {
        locality(1, 0, 1);
        locality(1_000_000, 1, 1);

        assertThat(weights()).containsExactly(SCALE, SCALE);
    }

    @Test
    void endpointsThatAreOut_leaveTheirPartToTheirLocality() throws Exception {
        locality(1, 0, 1, -1);
        locality(1, 0, 1);

        assertThat(weights()).containsExactly(SCALE, SCALE);
    }

    @Test
    void leastWeight_isOne() throws Exception {
        locality(4_294_967_295L, 0, 1);
        locality(1, 0, 1);

        assertThat(weights()).containsExactly(SCALE, 1);
    }
}
