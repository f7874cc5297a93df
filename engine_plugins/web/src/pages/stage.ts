document.body.dataset["page"] = "stage";
