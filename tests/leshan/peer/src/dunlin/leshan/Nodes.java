package dunlin.leshan;

import com.eclipsesource.json.Json;
import com.eclipsesource.json.JsonObject;
import com.eclipsesource.json.JsonValue;
import java.io.FileInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.eclipse.leshan.core.model.InvalidDDFFileException;
import org.eclipse.leshan.core.model.InvalidModelException;
import org.eclipse.leshan.core.model.LwM2mModel;
import org.eclipse.leshan.core.model.ObjectLoader;
import org.eclipse.leshan.core.model.ObjectModel;
import org.eclipse.leshan.core.model.ResourceModel;
import org.eclipse.leshan.core.model.StaticModel;
import org.eclipse.leshan.core.node.LwM2mMultipleResource;
import org.eclipse.leshan.core.node.LwM2mNode;
import org.eclipse.leshan.core.node.LwM2mObject;
import org.eclipse.leshan.core.node.LwM2mObjectInstance;
import org.eclipse.leshan.core.node.LwM2mResource;
import org.eclipse.leshan.core.node.LwM2mSingleResource;
import org.eclipse.leshan.core.node.ObjectLink;
import org.eclipse.leshan.core.util.Hex;

/** Values between Leshan's nodes and the lines of a test. */
final class Nodes {
    private Nodes() {}

    /** Objects 0 to 7 and those of a DDF file. */
    static LwM2mModel model(String ddfFile)
            throws IOException, InvalidModelException, InvalidDDFFileException {
        List<ObjectModel> models = new ArrayList<>(ObjectLoader.loadDefault());
        try (FileInputStream file = new FileInputStream(ddfFile)) {
            models.addAll(ObjectLoader.loadDdfFile(file, ddfFile, true));
        }
        return new StaticModel(models);
    }

    /** Resources from words such as `1=-5` and `10.3=text`; the model says what they are. */
    static List<LwM2mResource> resources(ObjectModel object, List<String> words) {
        Map<Integer, Map<Integer, Object>> values = new TreeMap<>();
        for (String word : words) {
            int end = word.indexOf('=');
            String[] ids = word.substring(0, end).split("\\.");
            ResourceModel resource = object.resources.get(Integer.valueOf(ids[0]));
            Map<Integer, Object> instances = values.computeIfAbsent(resource.id, id -> new TreeMap<>());
            if (ids.length > 1 || !resource.multiple) {
                instances.put(ids.length > 1 ? Integer.valueOf(ids[1]) : 0,
                        value(resource.type, Lines.text(word.substring(end + 1))));
            }
        }
        List<LwM2mResource> resources = new ArrayList<>();
        values.forEach((id, instances) -> {
            ResourceModel resource = object.resources.get(id);
            resources.add(resource.multiple
                    ? LwM2mMultipleResource.newResource(id, instances, resource.type)
                    : LwM2mSingleResource.newResource(id, instances.get(0), resource.type));
        });
        return resources;
    }

    /** JSON by ids; integers, times and links are texts, bytes are hexadecimal digits. */
    static JsonValue json(LwM2mNode node) {
        JsonObject json = Json.object();
        if (node instanceof LwM2mObject) {
            new TreeMap<>(((LwM2mObject) node).getInstances()).forEach((id, each) -> json.add(id + "", json(each)));
        } else if (node instanceof LwM2mObjectInstance) {
            new TreeMap<>(((LwM2mObjectInstance) node).getResources())
                    .forEach((id, each) -> json.add(id + "", json(each)));
        } else {
            LwM2mResource resource = (LwM2mResource) node;
            if (!resource.isMultiInstances()) return json(resource.getType(), resource.getValue());
            new TreeMap<>(resource.getValues())
                    .forEach((id, each) -> json.add(id + "", json(resource.getType(), each)));
        }
        return json;
    }

    private static Object value(ResourceModel.Type type, String text) {
        switch (type) {
            case INTEGER:
                return Long.valueOf(text);
            case FLOAT:
                return Double.valueOf(text);
            case BOOLEAN:
                return Boolean.valueOf(text);
            case OPAQUE:
                return Hex.decodeHex(text.toCharArray());
            case TIME:
                return new Date(Long.parseLong(text) * 1000);
            case OBJLNK:
                return ObjectLink.decodeFromString(text);
            default:
                return text;
        }
    }

    private static JsonValue json(ResourceModel.Type type, Object value) {
        switch (type) {
            case FLOAT:
                return Json.value((Double) value);
            case BOOLEAN:
                return Json.value((Boolean) value);
            case OPAQUE:
                return Json.value(Hex.encodeHexString((byte[]) value));
            case TIME:
                return Json.value(((Date) value).getTime() / 1000 + "");
            case OBJLNK:
                return Json.value(((ObjectLink) value).encodeToString());
            default:
                return Json.value(value.toString());
        }
    }
}
