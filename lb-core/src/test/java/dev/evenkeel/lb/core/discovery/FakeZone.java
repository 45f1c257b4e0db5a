package dev.evenkeel.lb.core.discovery;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.TextParseException;
import org.xbill.DNS.Type;

/** A name server in memory: every record of every zone that the test wrote down, and a log of what was asked. */
final class FakeZone implements DnsTransport {
    final List<String> asked = new ArrayList<>();
    final List<Record> additional = new ArrayList<>();
    final List<String> failing = new ArrayList<>();
    String soa = "test. 30 IN SOA ns.test. admin.test. 1 2 3 4 7";
    boolean followsAliases = true;
    boolean isDown;
    boolean talksNonsense;
    boolean isClosed;

    /** Run before each answer; takes the question. */
    Consumer<String> onQuestion = question -> {};

    private final List<Record> records = new ArrayList<>();

    /** The records are these, as lines of a zone file. */
    FakeZone with(String... lines) {
        records.clear();
        for (String line : lines) {
            records.add(record(line));
        }
        return this;
    }

    void set(List<Record> others) {
        records.clear();
        records.addAll(others);
    }

    static Record record(String line) {
        String[] parts = line.split(" ", 5);
        try {
            return Record.fromString(
                    name(parts[0]), Type.value(parts[3]), DClass.IN, Long.parseLong(parts[1]), parts[4], Name.root);
        } catch (IOException e) {
            throw new IllegalArgumentException(line, e);
        }
    }

    /** A question for the IPv4 addresses of a name. */
    static Record question(String name) {
        return Record.newRecord(name(name), Type.A, DClass.IN);
    }

    static Name name(String text) {
        try {
            return Name.fromString(text, Name.root);
        } catch (TextParseException e) {
            throw new IllegalArgumentException(text, e);
        }
    }

    @Override
    public Message ask(Name name, int type) throws IOException {
        String question = Type.string(type) + " " + name.toString(true);
        asked.add(question);
        onQuestion.accept(question);
        if (isDown || failing.contains(question)) {
            throw new IOException("SERVFAIL for " + question);
        }
        if (talksNonsense) {
            return new Message(new byte[] {1, 2, 3});
        }
        Message answer = new Message();
        answer.getHeader().setFlag(Flags.QR);
        answer.getHeader().setFlag(Flags.AA);
        answer.addRecord(Record.newRecord(name, type, DClass.IN), Section.QUESTION);
        boolean complete = answer(answer, name, type);
        if (answer.getSection(Section.ANSWER).isEmpty()) {
            boolean exists =
                    records.stream().anyMatch(record -> record.getName().equals(name));
            answer.getHeader().setRcode(exists ? Rcode.NOERROR : Rcode.NXDOMAIN);
        }
        if (!complete && !soa.isEmpty() && followsAliases) {
            answer.addRecord(record(soa), Section.AUTHORITY);
        }
        additional.forEach(record -> answer.addRecord(record, Section.ADDITIONAL));
        return answer;
    }

    private boolean answer(Message answer, Name name, int type) {
        boolean found = false;
        for (Record record : records) {
            if (record.getName().equals(name)) {
                if (record.getType() == type) {
                    answer.addRecord(record, Section.ANSWER);
                    found = true;
                } else if (record instanceof org.xbill.DNS.CNAMERecord alias) {
                    boolean looped = answer.findRecord(record);
                    answer.addRecord(record, Section.ANSWER);
                    return !looped && followsAliases && answer(answer, alias.getTarget(), type);
                }
            }
        }
        return found;
    }

    @Override
    public void close() {
        isClosed = true;
    }
}
