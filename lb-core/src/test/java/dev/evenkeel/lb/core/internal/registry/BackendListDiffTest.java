package dev.evenkeel.lb.core.internal.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.Ineligibility;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.LoadBalancerEvent;
import dev.evenkeel.lb.core.LoadBalancers;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class BackendListDiffTest {
    private static final int BACKENDS = 40;

    private final List<LoadBalancerEvent> events = new ArrayList<>();
    private final LoadBalancer pool =
            LoadBalancers.builder("users").listener(events::add).build();

    @AfterEach
    void close() {
        pool.close();
    }

    private static Backend backend(int number) {
        return Backend.of("http://10.0.0." + (number + 1) + ":8080");
    }

    private static List<Backend> many() {
        List<Backend> backends = new ArrayList<>();
        for (int i = 0; i < BACKENDS; i++) {
            backends.add(backend(i));
        }
        return backends;
    }

    private List<String> list() {
        return pool.snapshot().backends().stream()
                // Those that leave are told until the next snapshot.
                .filter(status -> !status.ineligibilities().contains(Ineligibility.DRAINING))
                .map(status -> status.backend())
                .map(BackendListDiffTest::brief)
                .sorted()
                .toList();
    }

    private static String brief(Backend backend) {
        return backend.id() + " " + backend.weight();
    }

    private static List<String> briefs(List<Backend> backends) {
        return backends.stream().map(BackendListDiffTest::brief).sorted().toList();
    }

    @Test
    void wholeLists_areWhatThePoolHas_whereverTheyDiffer_andWhateverAnOperatorDidBetween() {
        Random random = new Random(20_261_126);
        List<Backend> wanted = many();
        pool.registry().replaceAll(wanted);
        for (int step = 0; step < 3_000; step++) {
            Backend some = backend(random.nextInt(2 * BACKENDS));
            int index = random.nextInt(wanted.size() + 1);
            switch (random.nextInt(12)) {
                case 0 -> Collections.shuffle(wanted, random);
                case 1 -> wanted = new ArrayList<>(wanted.subList(0, Math.max(1, index)));
                case 2 -> wanted = many();
                case 3 -> wanted.replaceAll(backend -> backend.withWeight(1 + random.nextInt(3)));
                case 4 -> pool.registry().replaceAll(List.of(some, backend(99)));
                case 5 -> pool.registry().remove(wanted.get(0).id());
                case 6 -> pool.registry().setWeight(wanted.get(0).id(), 7);
                default -> {
                    wanted.removeIf(backend -> backend.id().equals(some.id()));
                    if (random.nextBoolean() || wanted.isEmpty()) {
                        wanted.add(Math.min(index, wanted.size()), some.withWeight(1 + random.nextInt(3)));
                    }
                }
            }
            pool.registry().replaceAll(wanted);
            assertThat(list()).as("step " + step).isEqualTo(briefs(wanted));
        }
    }

    @Test
    void idThatIsTwiceInAList_isRefused_whereverItStands() {
        List<Backend> wanted = many();
        pool.registry().replaceAll(wanted);
        List<String> before = list();
        for (int at : new int[] {0, 1, 20, BACKENDS}) {
            for (int twice : new int[] {0, 20, BACKENDS - 1}) {
                List<Backend> doubled = new ArrayList<>(wanted);
                doubled.add(at, backend(twice).withWeight(5));
                assertThatIllegalArgumentException()
                        .isThrownBy(() -> pool.registry().replaceAll(doubled))
                        .withMessageContaining("duplicate backend id \"10.0.0." + (twice + 1) + ":8080\"");
            }
        }
        List<Backend> strangers = new ArrayList<>(wanted);
        strangers.add(7, backend(70));
        strangers.add(8, backend(70));
        assertThatIllegalArgumentException().isThrownBy(() -> pool.registry().replaceAll(strangers));
        assertThat(list()).isEqualTo(before);
    }

    @Test
    void listThatChangesNothing_isNoEvent() {
        List<Backend> wanted = many();
        pool.registry().replaceAll(wanted);
        int before = events.size();
        pool.registry().replaceAll(wanted);
        pool.registry().replaceAll(many());

        assertThat(events).hasSize(before);
    }

    @Test
    void backendThatWasAddedBetween_leavesWithTheNextList_thoughTheListIsTheSame() {
        List<Backend> wanted = many();
        pool.registry().replaceAll(wanted);
        pool.registry().add(backend(70));
        assertThat(list()).hasSize(BACKENDS + 1);
        pool.registry().replaceAll(wanted);
        assertThat(list()).isEqualTo(briefs(wanted));
    }
}
