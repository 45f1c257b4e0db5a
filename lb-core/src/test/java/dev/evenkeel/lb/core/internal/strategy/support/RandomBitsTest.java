package dev.evenkeel.lb.core.internal.strategy.support;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Draws from one word. */
class RandomBitsTest {

    /** The constants of Knuth's MMIX: a = 6364136223846793005, c = 1442695040888963407. */
    @Test
    void nextWord_isKnuthsGenerators() {
        assertThat(RandomBits.next(0)).isEqualTo(1_442_695_040_888_963_407L);
        assertThat(RandomBits.next(1)).isEqualTo(7_806_831_264_735_756_412L);
        assertThat(RandomBits.next(-1)).isEqualTo(-4_921_441_182_957_829_598L);
    }

    @Test
    void numberBelow_isTheBoundTimesTheUpperHalf_asAFraction() {
        assertThat(RandomBits.below(0x0000_0000_FFFF_FFFFL, 10)).isZero();
        assertThat(RandomBits.below(0x8000_0000_0000_0000L, 10)).isEqualTo(5);
        assertThat(RandomBits.below(0xFFFF_FFFF_0000_0000L, 10)).isEqualTo(9);
        assertThat(RandomBits.below(-1, Integer.MAX_VALUE)).isEqualTo(Integer.MAX_VALUE - 1);
    }

    @Test
    void numberBelow_isTheBoundTimesTheLowerHalf_asAFraction() {
        assertThat(RandomBits.belowByLower(0xFFFF_FFFF_0000_0000L, 10)).isZero();
        assertThat(RandomBits.belowByLower(0x8000_0000L, 10)).isEqualTo(5);
        assertThat(RandomBits.belowByLower(0xFFFF_FFFFL, 10)).isEqualTo(9);
        assertThat(RandomBits.belowByLower(-1, Integer.MAX_VALUE)).isEqualTo(Integer.MAX_VALUE - 1);
    }
}
