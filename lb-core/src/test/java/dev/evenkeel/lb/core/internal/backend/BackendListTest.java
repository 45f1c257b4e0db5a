package dev.evenkeel.lb.core.internal.backend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.core.internal.stats.PoolStats;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** A list like any other, in which a backend is found by its number. */
class BackendListTest {
    private final List<BackendState> nodes =
            IntStream.of(3, 5, 9).mapToObj(BackendListTest::node).toList();
    private final BackendList list = BackendList.copyOf(nodes);

    private static BackendState node(int number) {
        BackendState node = new BackendState(
                Backend.builder("http://b.test").id("b" + number).build(), new PoolStats());
        node.number(number);
        return node;
    }

    @Test
    void find_isTheIndex_orWhereItWouldBe() {
        assertThat(nodes).extracting(list::find).containsExactly(0, 1, 2);
        assertThat(IntStream.of(1, 4, 6, 8, 10).map(number -> list.find(node(number))))
                .containsExactly(-1, -2, -3, -3, -4);
        assertThat(BackendList.NONE.find(nodes.get(0))).isEqualTo(-1);
    }

    @Test
    void find_ofThePartOfAnArray_looksNoFurther() {
        BackendState[] array = nodes.toArray(BackendState[]::new);

        assertThat(BackendList.find(array, 2, nodes.get(1))).isEqualTo(1);
        assertThat(BackendList.find(array, 2, nodes.get(2))).isEqualTo(-3);
    }

    @Test
    void arrays_areCopies_ofTheSizeAskedFor() {
        assertThat(list.toArray())
                .hasSize(3)
                .isExactlyInstanceOf(Object[].class)
                .containsExactlyElementsOf(nodes);
        assertThat(list.toArray(new BackendState[0])).containsExactlyElementsOf(nodes);
        BackendState[] same = new BackendState[3];
        assertThat(list.toArray(same)).isSameAs(same).containsExactlyElementsOf(nodes);
        BackendState last = node(12);
        BackendState[] larger = {last, last, last, last, last};
        assertThat(list.toArray(larger))
                .isSameAs(larger)
                .containsExactly(nodes.get(0), nodes.get(1), nodes.get(2), null, last);
        list.toArray()[0] = null;
        assertThat(list).containsExactlyElementsOf(nodes);
    }

    @Test
    void copy_isARunOfTheList() {
        BackendState[] to = new BackendState[4];

        list.copy(1, to, 2, 2);

        assertThat(to).containsExactly(null, null, nodes.get(1), nodes.get(2));
    }

    @Test
    void equality_isThatOfLists() {
        assertThat(list)
                .isEqualTo(new ArrayList<>(nodes))
                .isEqualTo(BackendList.copyOf(new ArrayList<>(nodes)))
                .hasSameHashCodeAs(new ArrayList<>(nodes))
                .isNotEqualTo(BackendList.copyOf(nodes.subList(0, 2)))
                .isNotEqualTo(nodes.subList(1, 3))
                .isNotEqualTo("nodes");
        assertThat(BackendList.copyOf(list)).isSameAs(list);
    }
}
