package dev.evenkeel.lb.core.discovery;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.spi.BackendDiscovery;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;
import org.xbill.DNS.SRVRecord;

/** SRV records, with their addresses, on a name server in memory. */
public final class DnsOrigin implements Origin {
    private static final Name SERVICE = FakeZone.name("_http._tcp.users.test");
    private static final long TTL_SECONDS = 5;

    private final FakeZone zone = new FakeZone();

    @Override
    public BackendDiscovery discovery() {
        return DnsDiscovery.services("_http._tcp.users.test")
                .nameservers(settings -> zone)
                .build();
    }

    @Override
    public void has(List<Backend> backends) {
        zone.isDown = false;
        zone.talksNonsense = false;
        List<Record> records = new ArrayList<>();
        zone.additional.clear();
        for (Backend backend : backends) {
            Name host = FakeZone.name("h-" + backend.host().replace('.', '-') + ".test");
            records.add(new SRVRecord(SERVICE, DClass.IN, TTL_SECONDS, 10, backend.weight(), backend.port(), host));
            zone.additional.add(new ARecord(host, DClass.IN, TTL_SECONDS, address(backend)));
        }
        zone.set(records);
    }

    private static InetAddress address(Backend backend) {
        try {
            return InetAddress.getByName(backend.host());
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(e);
        }
    }

    public int questions() {
        return zone.asked.size();
    }

    @Override
    public void isDown() {
        zone.isDown = true;
    }

    @Override
    public void talksNonsense() {
        zone.talksNonsense = true;
    }

    @Override
    public boolean hasTwice(Backend backend) {
        has(List.of(backend, backend));
        return true;
    }

    @Override
    public boolean hasImpossible() {
        zone.additional.clear();
        zone.with("_http._tcp.users.test 5 IN SRV 0 0 0 a.test.", "a.test 5 IN A 10.0.0.9");
        return true;
    }
}
