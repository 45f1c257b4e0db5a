package dev.evenkeel.lb.okhttp.internal.discovery.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.evenkeel.lb.Backend;
import org.junit.jupiter.api.Test;

/** The instances of one answer: one for each id, and a count of what was skipped. */
class InstanceListTest {
    @Test
    void firstOfAnId_stays_andTheFirstFaultIsKept() throws Exception {
        InstanceList.Builder list = new InstanceList.Builder();
        list.add(Backend.builder("http://a:1").id("x").build());
        list.add(Backend.builder("http://b:1").id("x").build());
        list.skip("first\nfault");
        list.skip("second");
        InstanceList built = list.build();

        assertThat(built.backends()).extracting(Backend::host).containsExactly("a");
        assertThat(built.skipped()).isEqualTo(2);
        assertThat(built.fault()).isEqualTo("first\uFFFDfault");
    }

    @Test
    void endlessLists_areRefused() {
        assertThatThrownBy(() -> InstanceList.checkCount(InstanceList.MAX_ENTRIES + 1))
                .isInstanceOf(MalformedAnswerException.class)
                .hasMessage("a list must have at most 100000 entries");
    }
}
