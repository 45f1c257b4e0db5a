package dev.evenkeel.lb.core.internal.concurrent;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OpenSetTest {
    private static final int MANY = 10_000;

    private final OpenSet<Object> set = new OpenSet<>();

    private List<Object> elements() {
        List<Object> found = new ArrayList<>();
        set.forEach(found::add);
        return found;
    }

    /** With step 0 all have the same key. */
    @ParameterizedTest
    @ValueSource(longs = {0, 1, 1_000, -7_919})
    void elements_moreThanThereAreSlots_areAllFound_andRemoved(long step) {
        List<Object> added = new ArrayList<>();
        for (int i = 0; i < MANY; i++) {
            Object element = new Object();
            added.add(element);
            set.add(element, i * step);
        }
        assertThat(elements()).containsExactlyInAnyOrderElementsOf(added);

        for (int i = 0; i < MANY; i += 2) {
            set.remove(added.get(i), i * step);
        }
        List<Object> odd = new ArrayList<>();
        for (int i = 1; i < MANY; i += 2) {
            odd.add(added.get(i));
        }
        assertThat(elements()).containsExactlyInAnyOrderElementsOf(odd);

        for (int i = 1; i < MANY; i += 2) {
            set.remove(added.get(i), i * step);
        }
        assertThat(elements()).isEmpty();
    }

    @Test
    void elements_areComparedByIdentity() {
        String one = new String("equal");
        String other = new String("equal");
        set.add(one, 1);
        set.remove(other, 1);
        assertThat(elements()).hasSize(1).first().isSameAs(one);
    }

    @Test
    void removal_ofWhatIsNotThere_hasNoEffect() {
        set.remove("none", 1);
        assertThat(elements()).isEmpty();
    }

    @Test
    void additionsAndRemovals_ofSeveralThreads_loseNothing() throws InterruptedException {
        List<Thread> threads = new ArrayList<>();
        List<List<Object>> left = new ArrayList<>();
        CountDownLatch start = new CountDownLatch(1);
        for (int t = 0; t < 4; t++) {
            List<Object> own = new ArrayList<>();
            left.add(own);
            Thread thread = new Thread(() -> {
                try {
                    start.await();
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                }
                for (int i = 0; i < MANY; i++) {
                    Object element = new Object();
                    set.add(element, i);
                    if (i % 100 == 0) {
                        own.add(element);
                    } else {
                        set.remove(element, i);
                    }
                }
            });
            thread.start();
            threads.add(thread);
        }
        start.countDown();
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(elements())
                .containsExactlyInAnyOrderElementsOf(
                        left.stream().flatMap(List::stream).toList());
    }
}
