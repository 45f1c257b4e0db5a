package dev.evenkeel.lb.okhttp.internal.steering;

import static org.assertj.core.api.Assertions.assertThat;

import okhttp3.Dns;
import org.junit.jupiter.api.Test;

/** A Dns that equals no other one until it is shared. */
class ExclusiveDnsTest {
    @Test
    void addressesWithIt_areNotPooledTogether_untilItIsShared() {
        Dns users = Dns.SYSTEM;
        ExclusiveDns dns = new ExclusiveDns(users);

        assertThat(dns.equals(users)).isFalse();
        assertThat(dns.equals(dns)).isTrue();
        assertThat(dns.equals(new ExclusiveDns(users))).isFalse();
        assertThat(dns.hashCode()).isEqualTo(users.hashCode());
        dns.share();
        assertThat(dns.equals(users)).isTrue();
    }
}
