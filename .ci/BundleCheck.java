import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.jar.JarEntry;
import java.util.jar.JarInputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.Node;

/** Checks a bundle as Maven Central does: files, fields of the POMs, signatures, checksums; and what we promise besides. */
class BundleCheck {
    private static final String GROUP = "dev/evenkeel/";
    private static final List<String> ARTIFACTS = List.of(
            "lb-api", "lb-bom", "lb-core", "lb-okhttp", "lb-parent", "lb-spring-boot-starter", "lb-testkit");
    private static final List<String> POMS_ONLY = List.of("lb-bom", "lb-parent");
    private static final List<String> FIELDS = List.of(
            "groupId", "artifactId", "version", "name", "description", "url", "licenses/license/name",
            "licenses/license/url", "developers/developer/name", "scm/connection", "scm/developerConnection", "scm/url");
    private static final Map<String, String> CHECKSUMS = Map.of(".md5", "MD5", ".sha1", "SHA-1");

    private final Map<String, byte[]> files = new TreeMap<>();
    private final List<String> faults = new ArrayList<>();
    private final String version;

    private BundleCheck(String version) {
        this.version = version;
    }

    public static void main(String[] args) throws Exception {
        BundleCheck check = new BundleCheck(args[1]);
        check.read(Path.of(args[0]));
        check.run();
        check.faults.forEach(fault -> System.err.println("the bundle: " + fault));
        if (!check.faults.isEmpty()) {
            System.exit(1);
        }
        System.out.println(args[0] + ": " + check.files.size() + " files of " + ARTIFACTS.size() + " artifacts, all in order");
    }

    private void read(Path bundle) throws IOException {
        try (ZipInputStream in = new ZipInputStream(Files.newInputStream(bundle))) {
            for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
                if (!entry.isDirectory()) {
                    files.put(entry.getName(), in.readAllBytes());
                }
            }
        }
    }

    private void run() throws Exception {
        TreeSet<String> found = new TreeSet<>();
        for (String file : files.keySet()) {
            String[] parts = file.split("/");
            require(file.startsWith(GROUP) && parts.length == 5 && parts[3].equals(version), file + " is out of place");
            found.add(parts.length > 2 ? parts[2] : file);
        }
        require(found.equals(new TreeSet<>(ARTIFACTS)), "artifacts must be " + ARTIFACTS + ": " + found);
        for (String artifact : ARTIFACTS) {
            String base = GROUP + artifact + "/" + version + "/" + artifact + "-" + version;
            List<String> needed = new ArrayList<>(List.of(base + ".pom"));
            if (!POMS_ONLY.contains(artifact)) {
                needed.addAll(List.of(base + ".jar", base + "-sources.jar", base + "-javadoc.jar", base + "-cyclonedx.json"));
            }
            for (String file : needed) {
                require(files.containsKey(file), file + " is missing");
                require(files.containsKey(file + ".asc"), file + " has no signature");
            }
            if (files.containsKey(base + ".pom")) {
                pom(base + ".pom");
            }
            if (files.containsKey(base + ".jar")) {
                jar(base + ".jar");
            }
        }
        for (String file : files.keySet()) {
            if (file.endsWith(".asc")) {
                signature(file);
            } else if (file.matches(".*\\.(jar|pom|json|xml)")) {
                checksums(file);
            }
        }
    }

    private void pom(String file) throws Exception {
        Document pom = parse(file);
        Element root = pom.getDocumentElement();
        for (String field : FIELDS) {
            String value = value(root, field);
            Element parent = child(root, "parent");
            if (value == null && parent != null) {
                // Inherited, but for what each has to say itself.
                String parents = GROUP + value(parent, "artifactId") + "/" + version + "/" + value(parent, "artifactId") + "-" + version + ".pom";
                boolean isOwn = List.of("artifactId", "name", "description").contains(field);
                value = isOwn || !files.containsKey(parents) ? null : value(parse(parents).getDocumentElement(), field);
            }
            require(value != null && !value.isBlank(), file + " has no " + field);
        }
        require(!new String(files.get(file), StandardCharsets.UTF_8).contains("-SNAPSHOT"), file + " names a snapshot");
    }

    private void jar(String file) throws IOException {
        TreeSet<String> names = new TreeSet<>();
        try (JarInputStream in = new JarInputStream(new ByteArrayInputStream(files.get(file)))) {
            require(
                    in.getManifest() != null
                            && version.equals(in.getManifest().getMainAttributes().getValue("Implementation-Version")),
                    file + " has no Implementation-Version");
            for (JarEntry entry = in.getNextJarEntry(); entry != null; entry = in.getNextJarEntry()) {
                names.add(entry.getName());
            }
        }
        for (String name : List.of("META-INF/LICENSE", "META-INF/NOTICE")) {
            require(names.contains(name), file + " has no " + name);
        }
    }

    private void checksums(String file) throws Exception {
        for (Map.Entry<String, String> sum : CHECKSUMS.entrySet()) {
            byte[] told = files.get(file + sum.getKey());
            String real = HexFormat.of().formatHex(MessageDigest.getInstance(sum.getValue()).digest(files.get(file)));
            require(
                    told != null && new String(told, StandardCharsets.US_ASCII).strip().equals(real),
                    file + " has no right " + sum.getKey());
        }
    }

    private void signature(String file) throws Exception {
        Path signed = Files.createTempFile("bundle", ".signed");
        Path signature = Files.createTempFile("bundle", ".asc");
        try {
            byte[] content = files.get(file.substring(0, file.length() - ".asc".length()));
            Files.write(signed, content == null ? new byte[0] : content);
            Files.write(signature, files.get(file));
            Process gpg = new ProcessBuilder("gpg", "--batch", "--quiet", "--verify", signature.toString(), signed.toString())
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            require(gpg.waitFor() == 0, file + " is not a signature of its file");
        } finally {
            Files.delete(signed);
            Files.delete(signature);
        }
    }

    private Document parse(String file) throws Exception {
        return DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(new ByteArrayInputStream(files.get(file)));
    }

    private static String value(Element from, String path) {
        Element at = from;
        for (String name : path.split("/")) {
            at = child(at, name);
            if (at == null) {
                return null;
            }
        }
        return at.getTextContent();
    }

    private static Element child(Element of, String name) {
        for (Node node = of.getFirstChild(); node != null; node = node.getNextSibling()) {
            if (node instanceof Element element && element.getTagName().equals(name)) {
                return element;
            }
        }
        return null;
    }

    private void require(boolean isTrue, String fault) {
        if (!isTrue) {
            faults.add(fault);
        }
    }
}
