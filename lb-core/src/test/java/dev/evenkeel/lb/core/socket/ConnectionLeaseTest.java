package dev.evenkeel.lb.core.socket;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.Outcome;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the events on a connection's streams say of its backend. */
class ConnectionLeaseTest {
    private final List<Outcome> ended = new ArrayList<>();
    private final List<Outcome> answered = new ArrayList<>();
    private final ConnectionLease lease = new ConnectionLease(new FakeLease("a", ended::add, answered::add));

    @Test
    void backendThatClosesBeforeItHasSentAnything_hasFailed() {
        lease.read(-1);
        assertThat(ended).containsExactly(Outcome.FAILED);
    }

    @Test
    void backendThatClosesAfterAnAnswer_isASuccess() {
        lease.read(3);
        lease.read(-1);
        assertThat(ended).isEmpty();
        lease.closed();
        assertThat(ended).containsExactly(Outcome.SUCCESS);
    }

    @Test
    void firstByte_afterTheConnect_isTheBackendsGoodAnswer() {
        lease.connected();
        assertThat(answered).isEmpty();
        lease.read(1);
        lease.read(1);
        assertThat(answered).containsExactly(Outcome.SUCCESS);
    }

    @Test
    void bytesOfTheHandshake_areNoAnswerYet() {
        lease.shakingHands(true);
        lease.read(200);
        assertThat(answered).isEmpty();
        lease.shakingHands(false);
        lease.read(1);
        assertThat(answered).containsExactly(Outcome.SUCCESS);
    }

    @Test
    void applicationThatClosesWhileItWaitsInVain_hasTimedOut() {
        lease.broke(new SocketTimeoutException());
        lease.closed();
        assertThat(ended).containsExactly(Outcome.TIMED_OUT);
    }

    @Test
    void eventsAfterTheCloseHasBegun_sayNothing() {
        lease.closing();
        lease.broke(new IOException("Socket closed"));
        lease.read(-1);
        assertThat(ended).isEmpty();
    }

    @Test
    void connectionThatEndsInItsHandshake_wasNeverEstablished() {
        lease.shakingHands(true);
        lease.broke(new IOException("handshake"));
        lease.closed();
        assertThat(ended).containsExactly(Outcome.NEVER_SENT);
    }
}
