package dev.evenkeel.lb.core.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.core.Vectors;
import dev.evenkeel.lb.core.strategy.Hashes;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RendezvousSubsetterTest {
    private static final System.Logger LOG = System.getLogger(RendezvousSubsetterTest.class.getName());
    private static final int FLEETS = 4;

    @ParameterizedTest
    @ValueSource(strings = {"grpc-subset-1", "grpc-subset-5"})
    void grpcsExpectations_hold(String id) {
        Vectors vector = Vectors.byId("subsetting.json", id);
        int servers = vector.given().get("servers").asInt();
        int size = vector.given().get("subsetSize").asInt();
        List<Backend> fleet = fleet(servers);

        Map<String, Integer> clients = new TreeMap<>();
        for (int i = 0; i < vector.given().get("clients").asInt(); i++) {
            List<Backend> subset =
                    subsetter(size, String.valueOf(i)).of(fleet, Set.of()).backends();
            assertThat(subset)
                    .hasSize(vector.expect().get("addressesPerClient").asInt())
                    .doesNotHaveDuplicates();
            subset.forEach(backend -> clients.merge(backend.id(), 1, Integer::sum));
        }

        assertThat(Collections.max(clients.values()))
                .isLessThanOrEqualTo(vector.expect().get("maxClientsPerServer").asInt());
    }

    @Tag("long")
    @Test
    void thousandClientsOfTwentyOutOfAThousand_areAsEvenAsGrpcs() {
        List<Backend> fleet = fleet(1_000);
        double ours = 0;
        double grpcs = 0;
        for (int run = 0; run < FLEETS; run++) {
            List<List<Backend>> subsets = new ArrayList<>();
            for (int i = 0; i < 1_000; i++) {
                subsets.add(subsetter(20, "service-" + run + "-" + i)
                        .of(fleet, Set.of())
                        .backends());
            }
            ours += maxOverMean(subsets) / FLEETS;
            Random seeds = new Random(run);
            grpcs += maxOverMean(IntStream.range(0, 1_000)
                            .mapToObj(client -> grpcsSubset(fleet, 20, seeds.nextLong()))
                            .toList())
                    / FLEETS;
        }
        LOG.log(System.Logger.Level.INFO, "max/mean over " + FLEETS + " fleets: ours " + ours + ", gRPC's " + grpcs);

        assertThat(ours).isLessThanOrEqualTo(grpcs);
    }

    @Tag("long")
    @Test
    void backendThatGoes_changesOnlyItsOwnClients_eachInOnePlace() {
        List<Backend> fleet = fleet(1_000);
        List<Set<Backend>> before = subsets(fleet);
        int changedPairs = 0;
        int most = 0;
        for (int gone = 0; gone < 1_000; gone += 200) {
            Backend left = fleet.get(gone);
            List<Backend> rest = new ArrayList<>(fleet);
            rest.remove(left);
            List<Set<Backend>> after = subsets(rest);
            int changed = 0;
            for (int i = 0; i < before.size(); i++) {
                Set<Backend> came = new HashSet<>(after.get(i));
                came.removeAll(before.get(i));
                assertThat(came).hasSize(before.get(i).contains(left) ? 1 : 0);
                changed += came.size();
            }
            changedPairs += changed;
            most = Math.max(most, changed);
        }
        double share = changedPairs / 5.0 / (1_000 * 20);
        LOG.log(
                System.Logger.Level.INFO,
                "of 20,000 places change on average " + changedPairs / 5.0 + " = " + share + ", at most " + most);

        // Chance alone: a backend has 20 of the 20,000 places on average.
        assertThat(share).isBetween(0.0005, 0.0015);
    }

    /** 1/N of the places, as when a backend goes: each client that has it gets one backend more, and loses none. */
    @Tag("long")
    @Test
    void backendThatIsOut_addsOneBackendToItsOwnClients_andChangesNoOther() {
        List<Backend> fleet = fleet(1_000);
        List<Set<Backend>> before = subsets(fleet);
        int added = 0;
        for (int out = 0; out < 1_000; out += 200) {
            Backend down = fleet.get(out);
            List<Set<Backend>> after = subsets(fleet, Set.of(down.id()));
            for (int i = 0; i < after.size(); i++) {
                assertThat(after.get(i)).containsAll(before.get(i));
                int more = after.get(i).size() - before.get(i).size();
                assertThat(more).isEqualTo(before.get(i).contains(down) ? 1 : 0);
                added += more;
            }
        }
        assertThat(added / 5.0 / (1_000 * 20)).isBetween(0.0005, 0.0015);
    }

    @Test
    void backendsThatAreOut_areReplacedByTheNextInOrder_withinTheBound() {
        List<Backend> fleet = fleet(100);
        Set<String> out = new HashSet<>();
        subsetter(3, "me").of(fleet, out).backends().forEach(backend -> out.add(backend.id()));

        Set<Backend> six = new HashSet<>(subsetter(3, "me").of(fleet, out).backends());

        assertThat(six)
                .isEqualTo(new HashSet<>(subsetter(6, "me").of(fleet, Set.of()).backends()));
        six.forEach(backend -> out.add(backend.id()));
        assertThat(subsetter(3, "me").of(fleet, out).backends()).hasSize(6);
        assertThat(subsetter(3, "me").of(fleet, out).replaced()).hasSize(3);
        assertThat(new RendezvousSubsetter(3, "me", 0).of(fleet, out).replaced())
                .isEmpty();
        assertThat(new RendezvousSubsetter(3, "me", 5).of(fleet, out).backends())
                .hasSize(8);
        assertThat(new RendezvousSubsetter(3, "me", 0).of(fleet, out).backends())
                .hasSize(3);
        assertThat(new RendezvousSubsetter(3, "me", 100_000).of(fleet, out).backends())
                .hasSize(9);
    }

    @Test
    void orderOfTheList_hasNoEffect_andIsKept() {
        List<Backend> fleet = fleet(100);
        List<Backend> shuffled = new ArrayList<>(fleet);
        Collections.shuffle(shuffled, new Random(1));
        RendezvousSubsetter subset = subsetter(10, "me");

        assertThat(subset.of(shuffled, Set.of()).backends())
                .containsExactlyInAnyOrderElementsOf(subset.of(fleet, Set.of()).backends());
        assertThat(fleet).containsSubsequence(subset.of(fleet, Set.of()).backends());
    }

    @Test
    void everyTier_hasASubsetOfItsOwn() {
        List<Backend> fleet = new ArrayList<>(fleet(100));
        IntStream.range(0, 3)
                .mapToObj(i -> Backend.builder("http://10.9.0." + i + ":80")
                        .priority(1)
                        .build())
                .forEach(fleet::add);

        List<Backend> subset = subsetter(10, "me").of(fleet, Set.of()).backends();

        assertThat(subset)
                .hasSize(13)
                .filteredOn(backend -> backend.priority() == 1)
                .hasSize(3);
    }

    @Test
    void weight_hasNoSay() {
        RendezvousSubsetter subset = subsetter(10, "me");

        List<Backend> heavy =
                fleet(100).stream().map(backend -> backend.withWeight(7)).toList();
        assertThat(subset.of(heavy, Set.of()).backends())
                .extracting(Backend::id)
                .isEqualTo(subset.of(fleet(100), Set.of()).backends().stream()
                        .map(Backend::id)
                        .toList());
    }

    private static RendezvousSubsetter subsetter(int size, String clientId) {
        return new RendezvousSubsetter(size, clientId, size);
    }

    private static List<Set<Backend>> subsets(List<Backend> fleet) {
        return subsets(fleet, Set.of());
    }

    private static List<Set<Backend>> subsets(List<Backend> fleet, Set<String> out) {
        List<Set<Backend>> subsets = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            subsets.add(
                    new HashSet<>(subsetter(20, "client-" + i).of(fleet, out).backends()));
        }
        return subsets;
    }

    /** gRFC A68: the addresses by their hash under a seed of the client's own, the first of them. */
    private static List<Backend> grpcsSubset(List<Backend> fleet, int size, long seed) {
        record Ranked(Backend backend, long hash) {}
        return fleet.stream()
                .map(backend -> new Ranked(backend, Hashes.xxHash64(backend.host() + ":" + backend.port(), seed)))
                .sorted(Comparator.comparingLong(Ranked::hash))
                .limit(size)
                .map(Ranked::backend)
                .toList();
    }

    private static double maxOverMean(List<List<Backend>> subsets) {
        Map<String, Integer> clients = new TreeMap<>();
        subsets.forEach(subset -> subset.forEach(backend -> clients.merge(backend.id(), 1, Integer::sum)));
        return Collections.max(clients.values())
                / (subsets.stream().mapToInt(List::size).sum() / 1_000.0);
    }

    private static List<Backend> fleet(int size) {
        return IntStream.range(0, size)
                .mapToObj(i -> Backend.of("http://10.0." + i / 250 + "." + i % 250 + ":8080"))
                .toList();
    }
}
