package dev.evenkeel.lb.core.socket;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.Outcome;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TrackedInputStreamTest {
    private final List<Outcome> ended = new ArrayList<>();
    private final ConnectionLease lease = new ConnectionLease(new FakeLease("a", ended::add));

    @Test
    void endBeforeAByte_isAFailure_andAfterOneIsNot() throws IOException {
        try (InputStream in = new TrackedInputStream(new ByteArrayInputStream(new byte[] {7}), lease)) {
            assertThat(in.read()).isEqualTo(7);
            assertThat(in.read(new byte[3], 0, 3)).isEqualTo(-1);
            assertThat(ended).isEmpty();
        }
        try (InputStream empty = new TrackedInputStream(InputStream.nullInputStream(), lease)) {
            assertThat(empty.read()).isEqualTo(-1);
            assertThat(ended).as("the connection has been heard").isEmpty();
        }
    }

    @Test
    void emptyAnswer_isAFailure() throws IOException {
        try (InputStream empty = new TrackedInputStream(InputStream.nullInputStream(), lease)) {
            assertThat(empty.read()).isEqualTo(-1);
        }
        assertThat(ended).containsExactly(Outcome.FAILED);
    }
}
