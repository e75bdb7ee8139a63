// Filters of the table of findings. Without scripts the table is whole and they stay hidden.
(() => {
  const filters = document.querySelector(".filters");
  if (!filters) return;
  const rows = [...document.querySelectorAll(".findings tbody tr")];
  const status = filters.querySelector("[role=status]");

  const chosen = (name) => {
    const input = filters.querySelector(`input[name=${name}]:checked`);
    return input ? input.value : "";
  };

  const apply = () => {
    const wanted = { verdict: chosen("verdict"), group: chosen("group") };
    for (const row of rows) {
      row.hidden = Object.keys(wanted).some((key) => wanted[key] && row.dataset[key] !== wanted[key]);
    }
    const shown = rows.filter((row) => !row.hidden).length;
    status.textContent = `${shown} of ${rows.length} claims shown.`;
  };

  const keys = document.querySelector(".keys");
  if (keys && matchMedia("(max-width: 44rem)").matches) keys.open = false;

  filters.addEventListener("change", apply);
  filters.hidden = false;
  apply();
})();
