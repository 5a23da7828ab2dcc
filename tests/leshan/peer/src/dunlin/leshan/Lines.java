package dunlin.leshan;

import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** How a peer talks with its test: a line for each command on standard input, one for each answer and event on standard output. */
public final class Lines {
    private static final PrintStream out =
            new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);

    private Lines() {}

    /** Does what a command asks for and gives the answer. */
    public interface Command {
        String run(List<String> words) throws Exception;
    }

    public static synchronized void tell(String line) {
        out.println(line);
    }

    /** Answers one command after the other until the input ends or `quit`. */
    public static void answer(Command command) throws IOException {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null && !line.equals("quit"); line = in.readLine()) {
            String answer;
            try {
                answer = command.run(Arrays.asList(line.split(" ")));
            } catch (Exception failure) {
                answer = "failed " + failure.getClass().getSimpleName() + " " + oneLine(failure.getMessage());
            }
            tell("answer " + answer);
        }
    }

    /** The arguments of a program or command that look like `name=value`. */
    public static Map<String, String> settings(List<String> words) {
        Map<String, String> settings = new HashMap<>();
        for (String word : words) {
            int end = word.indexOf('=');
            settings.put(word.substring(0, end), text(word.substring(end + 1)));
        }
        return settings;
    }

    /** A word as it was before it was percent-encoded. */
    public static String text(String word) {
        return URLDecoder.decode(word.replace("+", "%2B"), StandardCharsets.UTF_8);
    }

    public static String oneLine(String text) {
        return text == null ? "" : text.replaceAll("\\s+", " ");
    }
}
