package dev.evenkeel.lb.core.internal.strategy.hash;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.PoolFigures;
import dev.evenkeel.lb.core.internal.strategy.support.Weights;
import dev.evenkeel.lb.core.strategy.FakeCandidate;
import dev.evenkeel.lb.core.strategy.FakeContext;
import dev.evenkeel.lb.core.strategy.FakePool;
import dev.evenkeel.lb.core.strategy.FakeRequest;
import dev.evenkeel.lb.spi.Candidate;
import dev.evenkeel.lb.spi.Picker;
import dev.evenkeel.lb.spi.PickerContext;
import dev.evenkeel.lb.spi.TimeSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongFunction;
import java.util.random.RandomGenerator;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A large pool's placement is laid out after the change; until then keys stay where they are, or go on. */
final class LaterLayoutTest {
    private static final FakeRequest ANY = FakeRequest.any();
    private static final int LARGE = HashTablePicker.LAID_OUT_AT_ONCE + 1;
    private static final int KEYS = 5_000;

    private final List<Runnable> later = new ArrayList<>();

    static Stream<KeyPlacement.Layout> layouts() {
        return Stream.of(new Maglev.Table(0), HashRing.Size.DEFAULT);
    }

    /** Keeps the work for later. */
    private record Later(FakeContext now, @Nullable Picker predecessor, List<Runnable> later) implements PickerContext {
        @Override
        public List<Candidate> candidates() {
            return now.candidates();
        }

        @Override
        public RandomGenerator random() {
            return now.random();
        }

        @Override
        public TimeSource timeSource() {
            return now.timeSource();
        }

        @Override
        public PoolFigures figures() {
            return now.figures();
        }

        @Override
        public void afterPublication(Runnable work) {
            later.add(work);
        }
    }

    private HashTablePicker picker(
            KeyPlacement.Layout layout, List<FakeCandidate> candidates, @Nullable Picker predecessor) {
        return picker(layout, candidates, 0, predecessor);
    }

    private HashTablePicker picker(
            KeyPlacement.Layout layout,
            List<FakeCandidate> candidates,
            double loadFactor,
            @Nullable Picker predecessor) {
        return new HashTablePicker(new Later(FakeContext.of(1, candidates), predecessor, later), layout, loadFactor);
    }

    private void runWhatIsLeft() {
        later.forEach(Runnable::run);
        later.clear();
    }

    private static List<Candidate> owners(HashTablePicker picker) {
        return owners(hash -> requireNonNull(picker.pick(ANY, hash)));
    }

    private static List<Candidate> owners(LongFunction<Candidate> pick) {
        return LongStream.iterate(1, XxHash64::mix).limit(KEYS).mapToObj(pick).toList();
    }

    @ParameterizedTest
    @MethodSource("layouts")
    void oneLeaves_onlyItsKeysGoOn_untilTheNewPlacementIsThere(KeyPlacement.Layout layout) {
        List<FakeCandidate> all = FakePool.ofSize(LARGE + 1);
        HashTablePicker before = picker(layout, all, null);
        List<Candidate> former = owners(before);
        assertThat(later).as("the first one has nothing to go by").isEmpty();
        Candidate gone = all.get(7);
        List<FakeCandidate> rest =
                Stream.concat(all.stream().limit(7), all.stream().skip(8)).toList();

        HashTablePicker picker = picker(layout, rest, before);

        List<Candidate> meanwhile = owners(picker);
        assertThat(former).contains(gone);
        assertThat(meanwhile).doesNotContain(gone);
        for (int key = 0; key < KEYS; key++) {
            if (former.get(key) != gone) {
                assertThat(meanwhile.get(key)).isSameAs(former.get(key));
            }
        }
        assertThat(later).hasSize(1);
        runWhatIsLeft();
        assertThat(owners(picker)).isEqualTo(owners(picker(layout, rest, null)));
    }

    @ParameterizedTest
    @MethodSource("layouts")
    void oneJoins_itHasNoKeys_untilTheNewPlacementIsThere(KeyPlacement.Layout layout) {
        List<FakeCandidate> all = FakePool.ofSize(LARGE + 1);
        List<FakeCandidate> former = all.subList(0, LARGE);
        HashTablePicker before = picker(layout, former, null);

        HashTablePicker picker = picker(layout, all, before);

        assertThat(owners(picker)).isEqualTo(owners(before));
        runWhatIsLeft();
        assertThat(owners(picker)).isEqualTo(owners(picker(layout, all, null))).contains(all.get(LARGE));
    }

    @Test
    void anotherWeight_countsWhenTheNewPlacementIsThere() {
        List<FakeCandidate> all = FakePool.ofSize(LARGE);
        HashTablePicker before = picker(new Maglev.Table(0), all, null);
        KeyPlacement former = before.placement();
        List<FakeCandidate> heavier = new ArrayList<>(all);
        heavier.set(3, FakeCandidate.of(all.get(3).backend().id(), 50));

        HashTablePicker picker = picker(new Maglev.Table(0), heavier, before);

        assertThat(picker.placement()).isSameAs(former);
        assertThat(owners(picker)).contains(heavier.get(3)).doesNotContain(all.get(3));
        runWhatIsLeft();
        assertThat(owners(picker)).isEqualTo(owners(picker(new Maglev.Table(0), heavier, null)));
    }

    @Test
    void changesInARow_onlyTheLastIsLaidOut() {
        List<FakeCandidate> all = FakePool.ofSize(LARGE + 2);
        HashTablePicker before = picker(new Maglev.Table(0), all, null);
        HashTablePicker second = picker(new Maglev.Table(0), all.subList(0, LARGE + 1), before);
        HashTablePicker third = picker(new Maglev.Table(0), all.subList(1, LARGE + 1), second);

        assertThat(owners(third)).doesNotContain(all.get(0), all.get(LARGE + 1));
        runWhatIsLeft();
        assertThat(second.placement()).isSameAs(before.placement());
        assertThat(owners(third)).isEqualTo(owners(picker(new Maglev.Table(0), all.subList(1, LARGE + 1), null)));
    }

    @Test
    void oneThatIsBackBeforeTheLayout_hasItsKeysAgain_withoutOne() {
        List<FakeCandidate> all = FakePool.ofSize(LARGE + 1);
        HashTablePicker before = picker(new Maglev.Table(0), all, null);
        HashTablePicker without = picker(new Maglev.Table(0), all.subList(1, LARGE + 1), before);

        HashTablePicker again = picker(new Maglev.Table(0), all, without);

        assertThat(again.placement()).isSameAs(before.placement());
        runWhatIsLeft();
        assertThat(again.placement()).isSameAs(before.placement());
        assertThat(owners(again)).isEqualTo(owners(before));
    }

    @Test
    void allAreOthers_eachKeyHasAnOwnerAtOnce() {
        HashTablePicker before = picker(new Maglev.Table(0), FakePool.ofSize(LARGE), null);
        List<FakeCandidate> others = Stream.iterate(0, i -> i + 1)
                .limit(LARGE)
                .map(i -> FakeCandidate.of("c" + i))
                .toList();

        HashTablePicker picker = picker(new Maglev.Table(0), others, before);

        assertThat(new ArrayList<Candidate>(others)).containsAll(owners(picker));
        runWhatIsLeft();
        assertThat(owners(picker)).isEqualTo(owners(picker(new Maglev.Table(0), others, null)));
    }

    @ParameterizedTest
    @MethodSource("layouts")
    void boundedLoad_keysOfBusyBackendsGoOn_pastThoseThatHaveLeft(KeyPlacement.Layout layout) {
        List<FakeCandidate> all = FakePool.ofSize(LARGE + 1);
        HashTablePicker before = picker(layout, all, 1, null);
        List<FakeCandidate> rest = all.subList(0, LARGE);
        rest.stream().skip(1).forEach(candidate -> candidate.withInFlight(2));

        HashTablePicker picker = picker(layout, rest, 1, before);

        assertThat(owners(picker)).containsOnly(rest.get(0));
        rest.get(0).withInFlight(2);
        assertThat(new ArrayList<Candidate>(rest)).containsAll(owners(picker));
    }

    @Test
    void smallPool_isLaidOutAtOnce() {
        List<FakeCandidate> all = FakePool.ofSize(LARGE);
        HashTablePicker before = picker(new Maglev.Table(0), all, null);

        HashTablePicker picker = picker(new Maglev.Table(0), all.subList(1, LARGE), before);

        assertThat(later).isEmpty();
        assertThat(owners(picker)).isEqualTo(owners(picker(new Maglev.Table(0), all.subList(1, LARGE), null)));
    }

    /** How long a layout takes depends on its entries, and not on the candidates alone. */
    static Stream<Arguments> layoutsOfFew() {
        return Stream.of(
                Arguments.argumentSet("default ring of 25", HashRing.Size.DEFAULT, 25, 1, true),
                Arguments.argumentSet("default ring of 26", HashRing.Size.DEFAULT, 26, 1, false),
                Arguments.argumentSet("default ring of 3, a light one", HashRing.Size.DEFAULT, 3, 9, true),
                Arguments.argumentSet("default ring of 3, a very light one", HashRing.Size.DEFAULT, 3, 9_000, false),
                Arguments.argumentSet("gRPC's ring of 600", HashRing.Size.of(1_024, 4_096), 600, 1, true),
                Arguments.argumentSet("large ring of 3", HashRing.Size.of(5_000, 8_388_608), 3, 1, false),
                Arguments.argumentSet("small table of 600", new Maglev.Table(1_009), 600, 1, true),
                Arguments.argumentSet("large table of 3", new Maglev.Table(131_101), 3, 1, false));
    }

    @ParameterizedTest
    @MethodSource("layoutsOfFew")
    void fewCandidates_areLaidOutAtOnce_ifThatIsQuick(
            KeyPlacement.Layout layout, int size, int heaviest, boolean quick) {
        List<FakeCandidate> all = new ArrayList<>(FakePool.ofSize(size));
        all.add(FakeCandidate.of("heavy", heaviest));
        HashTablePicker before = picker(layout, all, null);

        HashTablePicker picker = picker(layout, all.subList(1, size + 1), before);

        assertThat(later.isEmpty()).isEqualTo(quick);
        runWhatIsLeft();
        assertThat(owners(picker)).isEqualTo(owners(picker(layout, all.subList(1, size + 1), null)));
    }

    /** Does something, the first time that it lays out after {@link #meanwhile} was set. */
    private static final class Interrupted implements KeyPlacement.Layout {
        private final KeyPlacement.Layout layout;
        private @Nullable Runnable meanwhile;

        Interrupted(KeyPlacement.Layout layout) {
            this.layout = layout;
        }

        @Override
        public KeyPlacement place(String[] ids, Weights weights) {
            Runnable now = meanwhile;
            meanwhile = null;
            if (now != null) {
                now.run();
            }
            return layout.place(ids, weights);
        }

        @Override
        public boolean isQuick(Weights weights) {
            return layout.isQuick(weights);
        }
    }

    @ParameterizedTest
    @MethodSource("layouts")
    void changesThatComeFasterThanLayouts_newestTakesOverWhatWasLaidOut(KeyPlacement.Layout layout) {
        Interrupted interrupted = new Interrupted(layout);
        List<FakeCandidate> all = FakePool.ofSize(LARGE + 2);
        HashTablePicker first = picker(interrupted, all.subList(0, LARGE + 1), null);
        HashTablePicker second = picker(interrupted, all, first);
        AtomicReference<HashTablePicker> third = new AtomicReference<>();
        interrupted.meanwhile = () -> third.set(picker(interrupted, all.subList(1, LARGE + 2), second));

        Runnable work = later.remove(0);
        work.run();

        HashTablePicker newest = requireNonNull(third.get());
        assertThat(owners(newest)).contains(all.get(LARGE + 1)).doesNotContain(all.get(0));
        List<Candidate> laidOut = owners(picker(layout, all, null));
        List<Candidate> meanwhile = owners(newest);
        for (int key = 0; key < KEYS; key++) {
            if (laidOut.get(key) != all.get(0)) {
                assertThat(meanwhile.get(key)).isSameAs(laidOut.get(key));
            }
        }
        assertThat(second.placement()).as("the older one stays as it is").isSameAs(first.placement());
        assertThat(later).as("the same work, for the newest").containsExactly(work);
        runWhatIsLeft();
        assertThat(owners(newest)).isEqualTo(owners(picker(layout, all.subList(1, LARGE + 2), null)));
    }

    @Test
    void layoutThatIsOvertakenByALaterOne_isDropped() {
        Interrupted interrupted = new Interrupted(new Maglev.Table(0));
        List<FakeCandidate> all = FakePool.ofSize(LARGE + 2);
        HashTablePicker first = picker(interrupted, all, null);
        HashTablePicker second = picker(interrupted, all.subList(0, LARGE + 1), first);
        AtomicReference<HashTablePicker> third = new AtomicReference<>();
        interrupted.meanwhile = () -> {
            third.set(picker(interrupted, all.subList(1, LARGE + 1), second));
            later.get(1).run();
        };

        later.get(0).run();

        HashTablePicker newest = requireNonNull(third.get());
        assertThat(owners(newest)).isEqualTo(owners(picker(new Maglev.Table(0), all.subList(1, LARGE + 1), null)));
    }

    @Test
    void twoSuccessorsOfOne_eachHasItsOwnPlacement() {
        List<FakeCandidate> all = FakePool.ofSize(30);
        HashTablePicker before = picker(new Maglev.Table(0), all, null);

        HashTablePicker one = picker(new Maglev.Table(0), all.subList(1, 30), before);
        HashTablePicker other = picker(new Maglev.Table(0), all.subList(0, 29), before);

        assertThat(owners(one)).isEqualTo(owners(picker(new Maglev.Table(0), all.subList(1, 30), null)));
        assertThat(owners(other)).isEqualTo(owners(picker(new Maglev.Table(0), all.subList(0, 29), null)));
    }

    @Test
    void changesAndLayouts_race_inTheEndKeysAreWhereANewPoolHasThem() throws Exception {
        List<FakeCandidate> all = FakePool.ofSize(LARGE + 20);
        RandomGenerator random = new Random(16);
        List<FakeCandidate> members = new ArrayList<>(all);
        HashTablePicker newest = picker(new Maglev.Table(0), members, null);
        List<Runnable> queue = new CopyOnWriteArrayList<>();
        AtomicBoolean over = new AtomicBoolean();
        ExecutorService threads = Executors.newFixedThreadPool(2);
        try {
            Runnable layingOut = () -> {
                while (!over.get()) {
                    queue.forEach(Runnable::run);
                }
            };
            List<Future<?>> layouts = List.of(threads.submit(layingOut), threads.submit(layingOut));
            for (int change = 0; change < 300; change++) {
                FakeCandidate moved = all.get(random.nextInt(19));
                if (!members.remove(moved)) {
                    members.add(moved);
                }
                newest = picker(new Maglev.Table(0), members, newest);
                assertThat(members).contains((FakeCandidate) requireNonNull(newest.pick(ANY, random.nextLong())));
                later.forEach(work -> {
                    if (!queue.contains(work)) {
                        queue.add(work);
                    }
                });
            }
            over.set(true);
            for (Future<?> layout : layouts) {
                layout.get(10, TimeUnit.SECONDS);
            }
        } finally {
            threads.shutdownNow();
        }
        assertThat(queue).as("one work for all").hasSize(1);
        runWhatIsLeft();
        assertThat(owners(newest)).isEqualTo(owners(picker(new Maglev.Table(0), members, null)));
    }
}
