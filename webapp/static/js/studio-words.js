// Vietnamese words of the drawing tool. Nothing here is needed to draw: a string without a translation stays English.
(() => {
  "use strict";
  const words = {
    "Activate hand tool": "Công cụ kéo khung nhìn", "Activate lasso tool": "Chọn nhiều phần tử",
    "Activate create/remove space tool": "Thêm hoặc bớt khoảng trống", "Activate global connect tool": "Nối phần tử",
    "Create start event": "Thêm sự kiện bắt đầu", "Create end event": "Thêm sự kiện kết thúc",
    "Create intermediate/boundary event": "Thêm sự kiện giữa chừng", "Create gateway": "Thêm cổng rẽ nhánh",
    "Create task": "Thêm công việc", "Create expanded sub-process": "Thêm quy trình con",
    "Create data object reference": "Thêm dữ liệu", "Create data store reference": "Thêm kho dữ liệu",
    "Create pool/participant": "Thêm bên tham gia", "Create group": "Thêm nhóm",
    "Append end event": "Nối tới kết thúc", "Append gateway": "Nối tới cổng rẽ nhánh", "Append task": "Nối tới công việc",
    "Append intermediate/boundary event": "Nối tới sự kiện giữa chừng",
    "Append receive task": "Nối tới việc chờ nhận", "Append message intermediate catch event": "Nối tới sự kiện chờ thông điệp",
    "Append timer intermediate catch event": "Nối tới sự kiện hẹn giờ",
    "Append conditional intermediate catch event": "Nối tới sự kiện chờ điều kiện",
    "Append signal intermediate catch event": "Nối tới sự kiện chờ tín hiệu",
    "Add text annotation": "Thêm ghi chú", "Connect to other element": "Nối tới phần tử khác", "Change element": "Đổi loại",
    "Delete": "Xóa", "Align elements": "Căn thẳng", "Align elements ": "Căn thẳng ", "Open minimap": "Mở bản đồ nhỏ",
    "Close minimap": "Đóng bản đồ nhỏ", "Search in diagram": "Tìm trong sơ đồ", "Loop": "Lặp",
    "Parallel multi-instance": "Nhiều lần song song", "Sequential multi-instance": "Nhiều lần lần lượt",
    "Collection": "Danh sách", "Toggle non-interrupting": "Có ngắt hay không", "Add lane above": "Thêm làn ở trên",
    "Add lane below": "Thêm làn ở dưới", "Divide into two lanes": "Chia hai làn", "Divide into three lanes": "Chia ba làn",
    "Connect using association": "Nối ghi chú", "Connect using data input association": "Nối dữ liệu vào",
    "Distribute elements horizontally": "Dàn đều theo chiều ngang", "Distribute elements vertically": "Dàn đều theo chiều dọc",
    "Task": "Công việc", "User task": "Việc của người", "Service task": "Việc của hệ thống", "Send task": "Gửi",
    "Receive task": "Chờ nhận", "Manual task": "Việc ngoài hệ thống", "Business rule task": "Bảng quyết định",
    "Script task": "Kịch bản lệnh (không dùng)", "Call activity": "Gọi quy trình", "Sub-process": "Quy trình con",
    "Sub-process (collapsed)": "Quy trình con (thu gọn)", "Sub-process (expanded)": "Quy trình con (mở)",
    "Event sub-process": "Quy trình con theo sự kiện", "Exclusive gateway": "Chọn một nhánh",
    "Parallel gateway": "Làm song song", "Inclusive gateway": "Chọn một hay nhiều nhánh",
    "Event-based gateway": "Chờ sự kiện nào tới trước", "Complex gateway": "Cổng phức (không dùng)",
    "Start event": "Bắt đầu", "End event": "Kết thúc", "Terminate end event": "Kết thúc tất cả",
    "Error end event": "Kết thúc vì lỗi", "Message end event": "Kết thúc, gửi thông điệp",
    "Intermediate throw event": "Sự kiện phát", "Message intermediate catch event": "Chờ thông điệp",
    "Timer intermediate catch event": "Hẹn giờ", "Conditional intermediate catch event": "Chờ điều kiện",
    "Signal intermediate catch event": "Chờ tín hiệu", "Message boundary event": "Thông điệp tại công việc",
    "Timer boundary event": "Hẹn giờ tại công việc", "Error boundary event": "Lỗi tại công việc",
    "Timer boundary event (non-interrupting)": "Hẹn giờ tại công việc (không ngắt)",
    "Sequence flow": "Đường đi", "Default flow": "Đường mặc định", "Conditional flow": "Đường có điều kiện",
    "Create element": "Thêm phần tử", "Append element": "Nối phần tử", "Search": "Tìm",
    "No matching elements found": "Không có phần tử phù hợp", "Open {element}": "Mở {element}",
  };
  const vietnamese = document.documentElement.lang === "vi";
  window.StudioTranslate = {
    translate: ["value", (template, given) => {
      const text = (vietnamese && words[template]) || template;
      return text.replace(/{([^}]+)}/g, (whole, key) => (given && given[key] !== undefined ? given[key] : whole));
    }],
  };

  // What the product adds to BPMN: attributes of steps, and mappings into and out of them.
  const attribute = (name) => ({ name, isAttr: true, type: "String" });
  const mapping = (name) => ({
    name,
    superClass: ["Element"],
    properties: [attribute("name"), attribute("source"), attribute("target"), { name: "body", isBody: true, type: "String" }],
  });
  window.StudioDescriptor = {
    name: "Motcua", prefix: "motcua", uri: "urn:motcua:bpmn:1.0", xml: { tagAlias: "lowerCase" }, associations: [],
    types: [
      mapping("Input"), mapping("Output"), mapping("Correlation"),
      {
        name: "Step",
        extends: ["bpmn:FlowNode"],
        properties: [
          "form", "role", "operation", "decision", "decisionRef", "result", "resultVariable", "unit", "timeLimit",
          "differentFrom", "instructions", "workingHours",
        ].map(attribute),
      },
      {
        name: "Repetition",
        extends: ["bpmn:MultiInstanceLoopCharacteristics"],
        properties: ["collection", "elementVariable", "outputCollection", "outputElement"].map(attribute),
      },
    ],
  };
})();
